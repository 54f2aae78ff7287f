import { getHttpOperationsFromSpec } from '@stoplight/prism-http'
import { createServer } from '@stoplight/prism-http-server'

export type PublishedOperation = Awaited<ReturnType<typeof getHttpOperationsFromSpec>>[number]

interface Schema {
  readonly properties?: object
  additionalProperties?: unknown
}

/** The operations of published OpenAPI documents, each with the path of its server's address before its own. */
export async function operationsOf(documents: readonly string[]): Promise<PublishedOperation[]> {
  const read = await Promise.all(documents.map((path) => getHttpOperationsFromSpec(path)))
  return read.flat().map((operation) => {
    const below = operation.servers?.[0]?.url.replace(/^(\{apiRoot\}|https:\/\/[^/]+)/, '') ?? ''
    return { ...operation, path: below + operation.path }
  })
}

/** The same operations, which refuse each member that the document does not name. */
export function withoutUnknownMembers(operations: readonly PublishedOperation[]): PublishedOperation[] {
  const closed = structuredClone(operations) as PublishedOperation[]
  const bodies = closed.flatMap(({ request, responses }) => [request?.body, ...responses].flatMap((body) => body?.contents ?? []))
  // A schema that is put together by `allOf` closes none of its parts: those are errors, which say what they like.
  for (const { schema } of bodies as { schema?: Schema }[]) if (schema?.properties) schema.additionalProperties = false
  return closed
}

/**
 * Prism's validating proxy on loopback. A request that is not as published is answered 422 and reaches nobody, and an
 * answer that is not as published becomes a 500. `violations` has what Prism says of both.
 * @param upstream where the requests go on to
 */
export async function startPrism(operations: readonly PublishedOperation[], upstream: string) {
  const violations: string[] = []
  const passed: string[] = []
  const nothing = () => undefined
  const told = (details: unknown, message = '') => { violations.push(`${message} ${JSON.stringify(details)}`) }
  const logger = {
    error: told, warn: told, fatal: told, debug: nothing, trace: nothing,
    info: (details: { input?: { method: string, url: { path: string } } }) => {
      if (details.input) passed.push(`${details.input.method.toUpperCase()} ${details.input.url.path}`)
    },
    child: () => logger,
  }
  const checks = { checkSecurity: true, validateRequest: true, validateResponse: true, errors: true }
  const server = createServer([...operations], {
    components: { logger: logger as never },
    cors: false,
    config: { ...checks, isProxy: true, upstream: new URL(upstream), mock: { dynamic: false }, upstreamProxy: undefined },
  })
  const url = await server.listen(0, '127.0.0.1')
  return { url, violations, passed, close: () => server.close() }
}

export type Prism = Awaited<ReturnType<typeof startPrism>>
