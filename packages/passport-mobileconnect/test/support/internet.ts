import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  /** As it was asked for, with its own host and its query. */
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Reply = (response: ServerResponse, asked: Asked) => void

export const reply = (status: number, body: unknown = '', headers: Record<string, string> = {}): Reply => (response) => {
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
}
/** Reads the request, and says nothing. */
export const silence: Reply = () => undefined
/** Reads the request, and hangs up. */
export const hangUp: Reply = (response) => { response.destroy() }

/** All hosts of a test on one loopback port: `fetch` leads there, whatever host a URL names, and tells which was meant. */
export interface Internet {
  readonly fetch: typeof globalThis.fetch
  /** What was asked, oldest first. */
  readonly asked: Asked[]
  /** How many questions went to this address, the query left aside. */
  count(address: string): number
  /** How an address is answered from now on; without its query. Everything else is a 404 in HTML. */
  answer(address: string, how: Reply): void
  close(): Promise<void>
}

export async function startInternet(): Promise<Internet> {
  const asked: Asked[] = []
  const answers = new Map<string, Reply>()
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const { 'x-meant': meant, ...headers } = incoming.headers
      const request = { method: incoming.method!, url: new URL(meant as string), headers, body: Buffer.concat(chunks).toString() }
      asked.push(request)
      const how = answers.get(addressOf(request.url)) ?? reply(404, '<h1>Not Found</h1>')
      how(response, request)
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers)
      headers.set('x-meant', url instanceof Request ? url.url : String(url))
      return fetch(here, { ...init, headers })
    },
    asked,
    count: (address) => asked.filter(({ url }) => addressOf(url) === address).length,
    answer: (address, how) => { answers.set(address, how) },
    close: () => new Promise((resolve) => { server.close(() => resolve()).closeAllConnections() }),
  }
}

const addressOf = ({ origin, pathname }: URL): string => `${origin}${pathname}`
