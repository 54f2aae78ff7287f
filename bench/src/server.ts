import type { Express } from 'express'
import { Agent, request, type OutgoingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listening {
  readonly url: string
  close(): Promise<void>
}

/** Serves an app on loopback, on a free port. */
export async function listen(app: Express): Promise<Listening> {
  const server: Server = await new Promise((resolve) => {
    const started = app.listen(0, '127.0.0.1', () => resolve(started))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** A browser's cookies and one connection pool: as little client as a login needs. */
export class Client {
  private readonly url: string
  private cookies = new Map<string, string>()

  constructor(url: string) {
    this.url = url
  }

  async post(path: string, body: object): Promise<any> {
    const text = JSON.stringify(body)
    const headers: OutgoingHttpHeaders = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    if (this.cookies.size > 0) headers.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return new Promise((resolve, reject) => {
      const sent = request(this.url + path, { method: 'POST', agent, headers }, (res) => {
        for (const cookie of res.headers['set-cookie'] ?? []) {
          const [name = '', value = ''] = (cookie.split(';', 1)[0] ?? '').split(/=(.*)/s)
          this.cookies.set(name, value)
        }
        let received = ''
        res.setEncoding('utf8').on('data', (chunk: string) => { received += chunk }).on('end', () => {
          if (res.statusCode !== 200) reject(new Error(`${path}: ${res.statusCode} ${received}`))
          else resolve(JSON.parse(received))
        }).on('error', reject)
      })
      sent.on('error', reject).end(text)
    })
  }
}
