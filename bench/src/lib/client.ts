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

const formType = 'application/x-www-form-urlencoded'
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

export interface Answer {
  readonly status: number
  readonly body: any
  readonly location: string | undefined
}

/**
 * A browser that follows nothing by itself: its cookies by host, and one connection pool for all; as little client as a
 * login needs.
 */
export class Client {
  readonly url: string
  private readonly agent: Agent
  private readonly cookies = new Map<string, Map<string, string>>()

  constructor(url: string, pool: Agent = agent) {
    this.url = url
    this.agent = pool
  }

  /** A JSON body that is answered 200. */
  async post(path: string, body: object, more: OutgoingHttpHeaders = {}): Promise<any> {
    const answer = await this.send('POST', path, body, more)
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  /** What it would send to the app as `Cookie`. */
  cookie(): string {
    return headerOf(this.cookies.get(new URL(this.url).host) ?? new Map())
  }

  /** `body`: an object as JSON, a text as a form. */
  async send(method: string, path: string, body?: object | string, more: OutgoingHttpHeaders = {}): Promise<Answer> {
    const url = new URL(path, this.url)
    const jar = this.cookies.get(url.host) ?? new Map<string, string>()
    this.cookies.set(url.host, jar)
    const text = typeof body === 'object' ? JSON.stringify(body) : body ?? ''
    const headers: OutgoingHttpHeaders = { ...more, 'content-length': Buffer.byteLength(text) }
    if (body !== undefined) headers['content-type'] = typeof body === 'string' ? formType : 'application/json'
    if (typeof body === 'string') headers.origin = url.origin
    if (jar.size > 0) headers.cookie ??= headerOf(jar)
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, agent: this.agent, headers }, (res) => {
        res.headers['set-cookie']?.forEach((line) => take(jar, line))
        let received = ''
        res.setEncoding('utf8').on('data', (chunk: string) => { received += chunk }).on('end', () => {
          const json = res.headers['content-type']?.includes('json') === true
          const { statusCode: status = 0, headers: { location } } = res
          resolve({ status, body: json ? JSON.parse(received) : received, location })
        }).on('error', reject)
      })
      sent.on('error', reject).end(text)
    })
  }
}

const headerOf = (jar: ReadonlyMap<string, string>): string =>
  [...jar].map(([name, value]) => `${name}=${value}`).join('; ')

function take(jar: Map<string, string>, line: string): void {
  const [name = '', value = ''] = (line.split(';', 1)[0] ?? '').split(/=(.*)/s)
  if (value === '') jar.delete(name)
  else jar.set(name, value)
}
