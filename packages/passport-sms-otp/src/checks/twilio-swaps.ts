import { checkFunctions, checkOptionNames, requireText } from '#internal/option-checks'
import { HOUR } from './swap-check.js'
import type { SwapProvider } from './swap-provider.js'

interface TwilioLookup {
  fetch(params: { fields: string }): Promise<{ readonly simSwap?: unknown }>
}

/** What this package uses of the client of the official SDK, `twilio(accountSid, authToken)`. */
export interface TwilioLookupClient {
  readonly lookups: {
    readonly v2: { phoneNumbers(phone: string): TwilioLookup }
  }
}

/** The options of `twilioSwaps`. */
export interface TwilioSwapsOptions {
  /** `twilio(accountSid, authToken)` of the official SDK. */
  readonly client: TwilioLookupClient
  /**
   * Stands in events.
   * @default 'twilio-lookup'
   */
  readonly name?: string | undefined
  /**
   * Epoch milliseconds.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined
}

/**
 * SIM swaps by Twilio Lookup v2 (`Fields=sim_swap`), for apps without a contract with operators. An operator tells the
 * day of the last swap, or whether there was one in a period that it chooses. A shorter period than was asked about,
 * without a swap, tells nothing.
 * @throws TypeError for a client that is none of the SDK.
 * @example
 * import twilio from 'twilio'
 *
 * simSwapCheck({ provider: twilioSwaps({ client: twilio(accountSid, authToken) }) })
 */
export function twilioSwaps(options: TwilioSwapsOptions): SwapProvider {
  checkOptionNames('twilioSwaps', options, ['client', 'name', 'now'])
  checkFunctions(options, ['now'])
  const { client, name = 'twilio-lookup', now = Date.now } = options
  const { lookups } = Object(client) as { readonly lookups?: { readonly v2?: { readonly phoneNumbers?: unknown } } }
  if (typeof lookups?.v2?.phoneNumbers !== 'function') throw new TypeError('client is what the Twilio SDK returns: twilio(accountSid, authToken).')
  return {
    name: requireText('name', name),
    kinds: ['sim'],
    async swapped({ phone, maxAge }) {
      const { simSwap } = await client.lookups.v2.phoneNumbers(phone).fetch({ fields: 'sim_swap' })
      return readSwap(Object(simSwap) as SimSwap, { maxAge: maxAge * HOUR, at: now() })
    },
  }
}

interface LastSimSwap {
  readonly last_sim_swap_date?: unknown
  /** ISO 8601, such as `PT48H`. */
  readonly swapped_period?: unknown
  readonly swapped_in_period?: unknown
}

/** As the SDK gives it since version 6, and, before that, as Twilio writes it. */
interface SimSwap {
  readonly lastSimSwap?: LastSimSwap | null
  readonly last_sim_swap?: LastSimSwap | null
  readonly errorCode?: unknown
  readonly error_code?: unknown
}

function readSwap(told: SimSwap, { maxAge, at }: { maxAge: number, at: number }): boolean | undefined {
  const code = told.errorCode ?? told.error_code
  if (typeof code === 'number') throw Object.assign(new Error('Twilio Lookup does not know this SIM.'), { code: String(code) })
  const last = told.lastSimSwap ?? told.last_sim_swap ?? {}
  const { last_sim_swap_date: date, swapped_period: period, swapped_in_period: inPeriod } = last
  const swappedAt = typeof date === 'string' ? Date.parse(date) : Number.NaN
  if (!Number.isNaN(swappedAt)) return at - swappedAt < maxAge
  // Somewhere in a longer period may be of late: who may read the text is in doubt.
  if (inPeriod === true) return true
  return inPeriod === false && millisecondsOf(period) >= maxAge ? false : undefined
}

const PERIOD = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/

/** Milliseconds of days, hours, minutes and seconds in ISO 8601; 0 for what is no such period. */
function millisecondsOf(period: unknown): number {
  const [, ...digits] = typeof period === 'string' ? PERIOD.exec(period) ?? [] : []
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = digits.map((part: string | undefined) => Number(part ?? 0))
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}
