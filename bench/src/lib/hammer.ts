import { connect, type Socket } from 'node:net'
import type { Child } from './children.js'
import { counted, type Side } from './measure.js'

const connections = 8
const requests = 400

/**
 * A side that asks for one page over and over, on connections that stay open. The client writes the same bytes each
 * time, and looks for the status line in what comes back: it shares the machine with the server, and takes as little of
 * it as can be.
 */
export function hammering(name: string, child: Child, url: string, cookie: string): Side & { close: () => void } {
  const { hostname, port, host, pathname } = new URL(url)
  const asked = Buffer.from(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`)
  const place = { host: hostname, port: Number(port), noDelay: true }
  const sockets = Array.from({ length: connections }, () => connect(place))
  const ask = async (times: number) => {
    await Promise.all(sockets.map((socket) => inTurn(socket, asked, times / connections)))
  }
  return { ...counted(name, child, requests, ask), close: () => sockets.forEach((socket) => socket.destroy()) }
}

/**
 * One request after the other. express-session lets go of the last byte of an answer, the brace of its JSON, when the
 * session is stored.
 */
const inTurn = (socket: Socket, asked: Buffer, times: number): Promise<void> => new Promise((resolve, reject) => {
  let left = times
  const settle = (error?: Error) => {
    socket.off('data', answered).off('error', settle).off('close', gone)
    if (error) reject(error)
    else resolve()
  }
  const gone = () => settle(new Error('The server hung up.'))
  const answered = (chunk: Buffer) => {
    const isRefused = chunk.subarray(0, 5).equals(http) && !chunk.subarray(0, 12).equals(passed)
    if (isRefused) return settle(new Error(`Not passed: ${chunk.toString('latin1', 0, 60)}`))
    if (chunk.at(-1) !== brace) return
    left -= 1
    if (left > 0) socket.write(asked)
    else settle()
  }
  socket.on('data', answered).on('error', settle).on('close', gone)
  socket.write(asked)
})

const http = Buffer.from('HTTP/')
const brace = '}'.charCodeAt(0)
const passed = Buffer.from('HTTP/1.1 200')
