import { MultistepError } from '../errors.js'
import type { Request } from '../http/request.js'
import { problemOf } from '../problem.js'

/** What a request is about: named texts, finite numbers and booleans. */
export type Bound = Readonly<Record<string, string | number | boolean>>
export type Bind = (req: Request) => Bound | Promise<Bound>

type Values = readonly (readonly [name: string, value: string | number | boolean])[]

/** The values of a request, in the order of the app. @throws MultistepError `bind_invalid`. */
export async function boundValues(bind: Bind, req: Request): Promise<Values> {
  const values = await Promise.resolve(req).then(bind).then((given: unknown) => given, (cause: unknown) => { throw invalid(cause) })
  if (typeof values !== 'object' || values === null || Array.isArray(values)) throw invalid()
  const entries = Object.entries(values)
  if (entries.length === 0 || !entries.every((entry): entry is [string, string | number | boolean] => isValue(entry[1]))) throw invalid()
  return entries
}

const isValue = (value: unknown): boolean => typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))

const invalid = (cause?: unknown): MultistepError => new MultistepError('bind_invalid', problemOf('bind_invalid').message, { cause })

/** In words, for the person and for strategies. */
export const detailsOf = (values: Values): Record<string, string> =>
  Object.fromEntries(values.map(([name, value]) => [name, String(value)]))

/** In one order, whatever that of the app: what makes two requests equal. */
export const sorted = (values: Values): Values => [...values].sort(([one], [other]) => (one < other ? -1 : 1))
