import type { Context } from '../settings/context.js'
import { MultistepError, problemOf } from '../lib/errors.js'
import type { Request } from '../http/request.js'
import { amountText, flawOfAmount, type Currencies } from './money.js'
import { flawOf, type Bound, type BoundValue, type BoundValues, type Flaw } from './readable-values.js'

export type { Bound } from './readable-values.js'
/** Gives the values that a person confirms, from the request. It must give the same for the same request. */
export type Bind = (req: Request) => Bound | Promise<Bound>

/**
 * The values of a request, in the order of the app, each of which can be shown as it is.
 * @throws MultistepError `bind_invalid`; the event `bind.refused` tells the programmer why, and the
 * person is not told.
 */
export async function boundValues(
  context: Pick<Context, 'events'>, bind: Bind, req: Request, currencies: Currencies = {},
): Promise<BoundValues> {
  const values = await Promise.resolve(req).then(bind).then(
    (given: unknown) => given,
    (cause: unknown) => { throw refusedBind(context, { reason: 'failed' }, cause) },
  )
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw refusedBind(context, { reason: 'returned no object' })
  }
  const entries = Object.entries(values as Bound)
  const flaw = flawOf(entries) ?? flawOfAmounts(entries, currencies)
  if (flaw) throw refusedBind(context, flaw)
  return entries
}

/** Tells the programmer, and makes what the person is told. */
export function refusedBind(
  { events }: Pick<Context, 'events'>, flaw: Flaw & { readonly factor?: string }, cause?: unknown,
): MultistepError {
  events.emit('bind.refused', flaw)
  return new MultistepError('bind_invalid', problemOf('bind_invalid').message, { cause })
}

function flawOfAmounts(values: BoundValues, currencies: Currencies): Flaw | undefined {
  for (const [name, currency] of Object.entries(currencies)) {
    const [, value] = values.find(([one]) => one === name) ?? []
    const reason = value === undefined ? undefined : flawOfAmount(value, currency)
    if (reason !== undefined) return { name, reason }
  }
  return undefined
}

/** In words, for the person and for strategies. */
export const detailsOf = (values: BoundValues, currencies: Currencies = {}): Record<string, string> =>
  Object.fromEntries(values.map(([name, value]) => [name, inWords(value, currencyOf(currencies, name))]))

const currencyOf = (currencies: Currencies, name: string): string | undefined =>
  (Object.hasOwn(currencies, name) ? currencies[name] : undefined)

const inWords = (value: BoundValue, currency: string | undefined): string =>
  (typeof value === 'number' && currency !== undefined ? amountText(value, currency) : String(value))

/** As a form sends them. */
export const formValues = (values: BoundValues): Record<string, string> => detailsOf(values)

/** The values in one order, whatever order the app gave. Two requests with the same values are then equal. */
export const sorted = (values: BoundValues): BoundValues => [...values].sort(([one], [other]) => (one < other ? -1 : 1))
