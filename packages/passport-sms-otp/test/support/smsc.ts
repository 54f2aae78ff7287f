import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
// @ts-expect-error -- smpp brings no types.
import smpp from 'smpp'

export interface Submitted {
  data_coding: number
  esm_class: number
  destination_addr: string
  short_message: { message: string, udh?: Buffer[] }
  [field: string]: unknown
}

export interface SmscOptions {
  /** The status of each `submit_sm_resp`, by the order in which they come; nothing for no answer. */
  submit?: (index: number, text: Submitted, session: any) => number | undefined | Promise<number | undefined>
  bind?: (credentials: { system_id: string, password: string }) => number | undefined
  /** Whether `enquire_link` is answered. */
  alive?: () => boolean
  tls?: { key: string, cert: string }
  port?: number
}

const ignore = () => undefined

/** An SMSC on loopback, by the server part of the same library. */
export async function startSmsc({ submit = () => 0, bind = () => 0, alive = () => true, tls, port = 0 }: SmscOptions = {}) {
  const binds: any[] = []
  const texts: Submitted[] = []
  const heard: string[] = []
  const sockets = new Set<Socket>()
  const server = smpp.createServer({ ...tls }, (session: any) => {
    session.on('error', ignore)
    session.on('pdu', async (pdu: any) => {
      heard.push(pdu.command)
      const status = await statusFor(pdu, session)
      if (status !== undefined) session.send(pdu.response(status === 0 ? { message_id: `sms-${texts.length}` } : { command_status: status }))
    })
  }) as Server & { sessions: any[] }
  const statusFor = async (pdu: any, session: any) => {
    if (pdu.isResponse()) return undefined
    if (pdu.command.startsWith('bind_')) return bind(binds[binds.push(pdu) - 1])
    if (pdu.command === 'submit_sm') return submit(texts.push(pdu) - 1, pdu, session)
    return pdu.command === 'enquire_link' && !alive() ? undefined : 0
  }
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', ignore)
  })
  server.on('tlsClientError', ignore)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const disconnect = () => Promise.all([...sockets].map((socket) => once(socket.end(), 'close')))
  const address = server.address() as AddressInfo

  return {
    url: `${tls ? 'ssmpp' : 'smpp'}://${tls ? 'localhost' : '127.0.0.1'}:${address.port}`,
    port: address.port,
    binds,
    texts,
    /** Every command that came, in order. */
    heard,
    sockets,
    session: () => server.sessions.at(-1),
    /** Ends all connections without a word, and resolves when the others have noticed. */
    disconnect,
    async stop() {
      await disconnect()
      await new Promise((resolve) => { server.close(resolve) })
    },
  }
}

export type Smsc = Awaited<ReturnType<typeof startSmsc>>

/** The whole text again, out of its parts. */
export const joined = (parts: readonly Submitted[]): string => parts.map(({ short_message }) => short_message.message).join('')
