import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import type { SmsMessage, SmsSender } from '../../src/index.js'
import { ADA } from './kit.js'

export interface GatewayRequest {
  readonly method: string
  /** With its query, as it came. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Gateway {
  readonly url: string
  /** What came, oldest first. */
  readonly requests: GatewayRequest[]
  readonly last: GatewayRequest
  /** How requests are answered from now on. */
  answer(how: Answer): void
  close(): Promise<void>
}

export type Answer = (response: ServerResponse, request: GatewayRequest) => void

export const reply = (status: number, body: unknown = '', headers: Record<string, string> = {}): Answer => (response) => {
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
}
/** Reads the request, and says nothing. */
export const silence: Answer = () => undefined
/** Reads the request, and hangs up. */
export const hangUp: Answer = (response) => { response.destroy() }

/** A provider's HTTP interface on loopback. */
export async function startGateway(): Promise<Gateway> {
  const requests: GatewayRequest[] = []
  let answer: Answer = reply(200)
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const request = { method: incoming.method!, path: incoming.url!, headers: incoming.headers, body: Buffer.concat(chunks).toString() }
      requests.push(request)
      answer(response, request)
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get last() { return requests.at(-1)! },
    answer(how) { answer = how },
    close: () => new Promise((resolve) => { server.close(() => resolve()).closeAllConnections() }),
  }
}

/** The address of a port where nobody listens any more. */
export async function deadUrl(): Promise<string> {
  const gateway = await startGateway()
  await gateway.close()
  return gateway.url
}

export const CODE = '012345'
export const TEXT = `${CODE} is your Acme code. Do not share it.\n\n@acme.example #${CODE}`

export const message = (parts: Partial<SmsMessage> = {}): SmsMessage => ({ to: ADA, body: TEXT, code: CODE, ...parts })

export const sendBy = (sender: SmsSender, parts: Partial<SmsMessage> = {}, signal = new AbortController().signal) => sender.send(message(parts), { signal })

/** What the sender rejects with. */
export const failureOf = async (sending: Promise<unknown>): Promise<Error & { code?: string, providerCode?: string, temporary?: boolean, cause?: unknown }> =>
  sending.then(() => { throw new Error('It did not reject.') }, (error: unknown) => error as Error)

/** All that an error says to a log, however deep. */
export const told = (error: unknown): string => inspect(error, { depth: 12, showHidden: true })

/** The number in the spellings of a gateway, and the code. */
export const secretsOfMessage = [ADA, ADA.slice(1), '07400123456', '07400 123456', '7400-123456', '%2B447400123456', CODE, '012 345', '%30%31%32345']
