import { createServer, request as httpRequest, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

/** An app on a loopback port of its own, for requests that must truly be at the same time. */
export async function listening(app: RequestListener, upgrade?: (req: IncomingMessage, socket: Duplex) => void) {
  const server: Server = createServer(app)
  if (upgrade) server.on('upgrade', upgrade)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const sent = (set: readonly string[]): string => set.map((cookie) => cookie.split(';', 1)[0]).join('; ')

/** The cookies a response set, as the next request sends them. */
export const cookiesOf = (response: { headers: unknown }): string => sent((response.headers as { 'set-cookie'?: string[] })['set-cookie'] ?? [])

/** A post of JSON that waits for nobody; `cookie`: as the next request sends it. */
export const posted = async (url: string, body: object, cookie = '') => {
  const response = await fetch(url, { method: 'POST', redirect: 'manual', headers: { 'content-type': 'application/json', cookie }, body: JSON.stringify(body) })
  return { status: response.status, cookie: sent(response.headers.getSetCookie()), body: await response.json() as { code?: string, status?: unknown } }
}

/** The status line that a server answers an upgrade with. */
export const upgradeStatus = (port: number, cookie: string): Promise<number> => new Promise((resolve, reject) => {
  const req = httpRequest({ port, host: '127.0.0.1', path: '/socket', headers: { connection: 'Upgrade', upgrade: 'test', cookie } })
  req.once('upgrade', (res, socket) => {
    socket.destroy()
    resolve(res.statusCode ?? 0)
  })
  req.once('response', (res) => {
    res.resume()
    resolve(res.statusCode ?? 0)
  })
  req.once('error', reject)
  req.end()
})
