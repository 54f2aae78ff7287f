import { join } from 'node:path'
import { OpenAPIBackend } from 'openapi-backend'
import type { Answer } from './camara-client.js'

export const fixtures = join(__dirname, '../fixtures/camara')

/** An operation, by the document that was published and its id there. */
export interface PublishedOperation {
  readonly document: 'number-verification' | 'sim-swap' | 'device-swap' | 'one-time-password-sms'
  readonly operationId: string
  readonly method: 'GET' | 'POST'
  /** Below the API root. */
  readonly path: string
}

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

const loaded = new Map<string, Promise<OpenAPIBackend>>()

const documentOf = (name: string): Promise<OpenAPIBackend> => {
  const known = loaded.get(name)
  if (known) return known
  const api = new OpenAPIBackend({
    definition: join(fixtures, `${name}.yaml`),
    customizeAjv: (ajv) => ajv.addFormat('date-time', dateTime).addFormat('int32', true),
  })
  const ready = api.init()
  loaded.set(name, ready)
  return ready
}

/** What the published document says against an answer: its status, headers and body. Nothing, if it is as published. */
export async function faultsOfAnswer({ document, operationId }: PublishedOperation, { status, headers, body }: Answer): Promise<unknown[]> {
  const api = await documentOf(document)
  const { responses } = api.router.getOperation(operationId) as { responses: Record<string, unknown> }
  if (!(status in responses)) return [`${status} is no status of ${operationId}`]
  const sent = { 'x-correlator': headers.get('x-correlator') ?? undefined }
  return [
    body === undefined ? [] : api.validateResponse(body, operationId, status).errors ?? [],
    api.validateResponseHeaders(sent, operationId, { statusCode: status }).errors ?? [],
  ].flat()
}

/** What the published document says against a request. */
export async function faultsOfRequest(
  { document, method, operationId, path }: PublishedOperation,
  sent: { headers: Record<string, string>, body?: unknown },
): Promise<unknown[]> {
  const api = await documentOf(document)
  const below = path.replace(/^\/[^/]+\/v\d+/, '')
  return api.validateRequest({ method, path: below, headers: sent.headers, body: sent.body }, api.router.getOperation(operationId)).errors ?? []
}
