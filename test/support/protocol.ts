import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** One request of the router and its answer, as a client sees them. `body`: parsed. */
export interface Exchange {
  readonly method: string
  /** Below the mount, without a query. */
  readonly path: string
  readonly accept: string
  readonly sent?: unknown
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

interface Answer {
  readonly $ref?: string
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> }
  readonly responses: Readonly<Record<string, Answer>>
}

export interface ProtocolDocument {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>
    readonly responses: Readonly<Record<string, Answer>>
  }
}

interface Fault { readonly instancePath: string, readonly message?: string, readonly params: object }

interface Validate { (value: unknown): boolean, errors?: readonly Fault[] | null }

interface Ajv {
  addSchema(schema: object, id: string): Ajv
  addFormat(name: string, format: RegExp): Ajv
  compile(schema: object): Validate
}

const root = join(__dirname, '../..')

/** Other tools bring an older ajv, which may stand in its place until the lock file's one is installed. */
const loadAjv = (): new (options: object) => Ajv => {
  const path = require.resolve('ajv/dist/2020.js', { paths: [root, join(root, 'node_modules/ajv-formats')] })
  return (createRequire(path)(path) as { default: new (options: object) => Ajv }).default
}

export const protocolDocument = (): ProtocolDocument =>
  JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')) as ProtocolDocument

/** Answers what an exchange does otherwise than the document says. */
export function protocolOf(document: ProtocolDocument): (exchange: Exchange) => string[] {
  const validatorOf = validators(document)
  const templates = Object.keys(document.paths).map((template) => ({
    template,
    matches: new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`),
  })).sort((one, other) => one.template.split('{').length - other.template.split('{').length)

  const requestFaults = (operation: Operation, { sent, accept, status }: Exchange): string[] => {
    const schema = operation.requestBody?.content['application/json']?.schema
    if (schema === undefined || sent === undefined || accept.includes('text/html') || status >= 400) return []
    return validatorOf(schema)(sent).map((fault) => `took a body that the document refuses: ${fault}`)
  }

  const answerFaults = (operation: Operation, { method, status, headers, body }: Exchange): string[] => {
    const { responses } = operation
    const named = responses[status] ?? responses[`${String(status)[0]}XX`]
    const answer = named?.$ref === undefined ? named : document.components.responses[named.$ref.split('/').at(-1)!]
    if (!answer) return [`answers ${status}, which is not in the document`]
    const missing = Object.entries(answer.headers ?? {})
      .filter(([name, { required }]) => required === true && headers[name.toLowerCase()] === undefined)
      .map(([name]) => `answers ${status} without ${name}`)
    if (!answer.content) return [...missing, ...body === '' ? [] : [`answers ${status} with a body`]]
    const type = String(headers['content-type']).split(';', 1)[0]!
    const schema = answer.content[type]?.schema
    if (!schema) return [...missing, `answers ${status} as ${type}`]
    const faults = method === 'HEAD' || type === 'text/html' ? [] : validatorOf(schema)(JSON.parse(body))
    return [...missing, ...faults.map((fault) => `answers ${status} with ${fault}`)]
  }

  return (exchange) => {
    const { method, path, status } = exchange
    const template = templates.find(({ matches }) => matches.test(path))?.template
    const operation = template && document.paths[template]?.[method === 'HEAD' ? 'get' : method.toLowerCase()]
    const at = `${method} ${template ?? path}`
    // Another method is told which one is meant. A route that the policy does not have is passed on, or no factor.
    const isRefused = (status === 405 && exchange.headers.allow !== undefined) || status === 404
    if (!operation) return isRefused ? [] : [`${at} is not in the document, and answers ${status}`]
    return [...requestFaults(operation, exchange), ...answerFaults(operation, exchange)].map((fault) => `${at} ${fault}`)
  }
}

/** Compiles each schema once, at its first use. */
function validators(document: ProtocolDocument) {
  let ajv: Ajv | undefined
  const known = new Map<object, Validate>()
  const compiled = (schema: object): Validate => {
    ajv ??= new (loadAjv())({ strict: false, allErrors: true })
      .addSchema(document, 'protocol')
      .addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/).addFormat('uri', /^[a-z]+:/).addFormat('uri-reference', /^\S+$/)
    const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"protocol#/components')) as object
    const validate = known.get(schema) ?? ajv.compile(absolute)
    known.set(schema, validate)
    return validate
  }
  return (schema: object) => (value: unknown): string[] => {
    const validate = compiled(schema)
    if (validate(value)) return []
    return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath || 'a body'} that ${message} ${JSON.stringify(params)}`)
  }
}

type Next = (error?: unknown) => void
interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
}

interface Answering {
  statusCode: number
  write: (...chunk: unknown[]) => unknown
  end: (...chunk: unknown[]) => unknown
  getHeaders(): Readonly<Record<string, unknown>>
}

const check = protocolOf(protocolDocument())
const faults: string[] = []

/** What routers that were watched did otherwise than the document says, since this was asked last. */
export const takeFaults = (): string[] => faults.splice(0)

/** What a strategy or the app answers itself has not the headers of every answer of the router. */
function note(exchange: Exchange): void {
  const { headers, path } = exchange
  if (headers['referrer-policy'] !== 'same-origin' || headers['x-frame-options'] === undefined) return
  faults.push(...check({ ...exchange, path: path.split('?', 1)[0]! }))
}

/** As much as this needs of a request of superagent. */
interface Sending {
  readonly method: string
  readonly url: string
  readonly header?: Readonly<Record<string, string | undefined>>
  readonly _data?: unknown
  on(event: 'response', listener: (response: { status: number, headers: Readonly<Record<string, unknown>>, text?: string }) => void): unknown
}

/** For `agent.use(…)` of supertest: compares with the document what comes from below this path. */
export const comparing = (loginPath: string) => (request: unknown): void => {
  const { method, url, _data, ...sending } = request as Sending
  void (request as Sending).on('response', ({ status, headers, text = '' }) => {
    const { pathname } = new URL(url, 'http://local.invalid')
    if (pathname !== loginPath && !pathname.startsWith(`${loginPath}/`)) return
    const accept = sending.header?.Accept ?? ''
    note({ method, path: pathname.slice(loginPath.length) || '/', accept, sent: (request as Sending)._data ?? _data, status, headers, body: text })
  })
}

/** A router whose answers are compared with docs/openapi.json. What it passes on is the app's to answer. */
export function watched<Router>(router: Router): Router {
  const watching = (req: Asked, res: Answering, next: Next) => {
    const { write, end } = res
    const { method, url, headers, body } = req
    const chunks: string[] = []
    const told = () => note({
      method, path: url, accept: headers.accept ?? '', sent: body,
      status: res.statusCode, headers: res.getHeaders(), body: chunks.join(''),
    })
    const forget = () => Object.assign(res, { write, end })
    Object.assign(res, {
      write: (...chunk: unknown[]) => { chunks.push(String(chunk[0])); return write.apply(res, chunk) },
      end: (...chunk: unknown[]) => {
        if (typeof chunk[0] === 'string' || chunk[0] instanceof Uint8Array) chunks.push(String(chunk[0]))
        told()
        forget()
        return end.apply(res, chunk)
      },
    })
    return (router as (...args: unknown[]) => unknown)(req, res, (error?: unknown) => { forget(); next(error) })
  }
  return watching as Router
}
