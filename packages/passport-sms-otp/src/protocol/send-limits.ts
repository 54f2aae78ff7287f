import { isIPv6 } from 'node:net'
import type { Budget, Limit } from '../stores/challenge-store.js'
import { milliseconds } from '../duration.js'
import { checkTable } from '../option-checks.js'
import { isBraked, type Brake } from './conversion.js'
import { tagOf, type Keys } from './keys.js'
import type { PhoneNumber } from './phone-number.js'

/** What is counted: texts to one number, asked for from one address, to one prefix (all but the last four digits), to one country, in all. */
export type LimitScope = 'phone' | 'ip' | 'prefix' | 'country' | 'total'

/** For each scope the most texts by window, such as `{ '1h': 5, '1d': 10 }`. `{}` lifts a limit. */
export type SendLimits = Readonly<Partial<Record<LimitScope, Readonly<Record<string, number>>>>>

export type SendLimitTable = Readonly<Record<LimitScope, readonly Limit[]>>

export interface ScopedBudget extends Budget {
  readonly scope: LimitScope
}

const defaults: Readonly<Record<LimitScope, Readonly<Record<string, number>>>> = {
  phone: { '1h': 5, '1d': 10 },
  ip: { '1h': 10 },
  prefix: { '1h': 20 },
  country: { '1h': 200 },
  total: {},
}

/** @throws TypeError for unknown scopes, windows that are no durations, and limits that are no positive integers. */
export function readSendLimits(given: SendLimits = {}): SendLimitTable {
  checkTable('sendLimits', given, '{ phone: { \'1h\': 5 } }')
  const unknown = Object.keys(given).find((scope) => !Object.hasOwn(defaults, scope))
  if (unknown !== undefined) throw new TypeError(`sendLimits.${unknown} is not known. There are ${Object.keys(defaults).join(', ')}.`)
  const read = (scope: LimitScope): Limit[] => {
    const { [scope]: windows = defaults[scope] } = given
    checkTable(`sendLimits.${scope}`, windows, '{ \'1h\': 5 }')
    return Object.entries(windows).map(([window, limit]) => readLimit(scope, window, limit))
  }
  return { phone: read('phone'), ip: read('ip'), prefix: read('prefix'), country: read('country'), total: read('total') }
}

function readLimit(scope: string, window: string, limit: unknown): Limit {
  const length = milliseconds(`The window '${window}' of sendLimits.${scope}`, window)
  if (length === 0 || typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1) {
    throw new TypeError(`sendLimits.${scope}['${window}'] is a number of texts, at least 1, in a window such as '1h', not ${JSON.stringify(limit)}.`)
  }
  return { limit, window: length }
}

export interface Spending {
  readonly number: PhoneNumber
  readonly subject: string | undefined
  readonly ip: string | undefined
  /** The number stands in an account: only the limits of that number and of the whole app apply. */
  readonly known: boolean
}

/** The budgets that a text takes from. Without a subject, the ledger of the number counts its texts already. */
export function budgetsOf(keys: Keys, table: SendLimitTable, brake: Brake | undefined, { number, subject, ip, known }: Spending): ScopedBudget[] {
  const values: readonly (readonly [LimitScope, string | undefined])[] = [
    ['phone', subject === undefined ? undefined : number.e164],
    ['ip', known || ip === undefined ? undefined : addressKey(ip)],
    ['prefix', known ? undefined : prefixOf(number)],
    ['country', known ? undefined : number.country],
    ['total', ''],
  ]
  return values.flatMap(([scope, value]) => {
    const conversion = isBraked(scope) ? brake?.[scope] : undefined
    if (value === undefined || (table[scope].length === 0 && !conversion)) return []
    return [{ scope, key: tagOf(keys, `limit ${scope}`, value), limits: table[scope], conversion }]
  })
}

/** The budgets that learn that the code of a text to this number was entered. */
export const convertedBy = (keys: Keys, number: PhoneNumber): string[] =>
  [tagOf(keys, 'limit prefix', prefixOf(number)), tagOf(keys, 'limit country', number.country)]

const prefixOf = ({ e164 }: PhoneNumber): string => e164.slice(0, -4)

/** One key for all addresses that one subscriber holds: an IPv4 address however it is written, the /64 of an IPv6 address. */
export function addressKey(ip: string): string {
  const address = ip.replace(/%.*$/, '')
  if (!isIPv6(address)) return address
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  const [, , , , , mapped, high = '0', low = '0'] = groups
  const isMapped = mapped === 'ffff' && groups.slice(0, 5).every((group) => group === '0')
  return isMapped ? [high, low].flatMap(bytesOf).join('.') : groups.slice(0, 4).join(':')
}

const bytesOf = (group: string): number[] => {
  const value = parseInt(group, 16)
  return [value >> 8, value & 255]
}
