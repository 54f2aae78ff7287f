import type { KeyObject } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import type { Budget, Limit } from '../stores/challenge-store.js'
import { milliseconds } from '#internal/duration'
import { checkTable } from '#internal/option-checks'
import { isBraked, type Brake } from './brake.js'
import { tagOf } from '../codes/keys.js'
import { isChannel, smsChannels, type SmsChannel } from '../lib/channels.js'
import type { PhoneNumber } from '../numbers/phone-number.js'

/**
 * What is counted: texts to one number, asked for from one address, to one prefix (all but the last four digits), to
 * one country, in all.
 */
export type LimitScope = 'phone' | 'ip' | 'prefix' | 'country' | 'total'

/** For each scope the most texts by window, such as `{ '1h': 5, '1d': 10 }`. `{}` lifts a limit. */
export type SendLimits = Readonly<Partial<Record<LimitScope, Readonly<Record<string, number>>>>>

export type SendLimitTable = Readonly<Record<LimitScope, readonly Limit[]>>

/** Texts that did not leave: `beforeSend` or the gateway refused them. They count in no other limit. */
export type UnsentLimits = Pick<SendLimits, 'phone' | 'ip'>

export type UnsentLimitTable = Pick<SendLimitTable, 'phone' | 'ip'>

/** What goes by one channel. */
export type ChannelLimits = Readonly<Partial<Record<SmsChannel, SendLimits>>>

export type ChannelLimitTable = Readonly<Partial<Record<SmsChannel, SendLimitTable>>>

export interface ScopedBudget extends Budget {
  /** `channel`: of one channel, whatever it counts. */
  readonly scope: LimitScope | 'channel'
  /** What people share who do not know each other. */
  readonly shared: boolean
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
  return readTable('sendLimits', given, defaults)
}

function readTable(name: string, given: SendLimits, usual: SendLimits): SendLimitTable {
  checkTable(name, given, '{ phone: { \'1h\': 5 } }')
  const unknown = Object.keys(given).find((scope) => !Object.hasOwn(defaults, scope))
  if (unknown !== undefined) throw new TypeError(`${name}.${unknown} is not known. There are ${Object.keys(defaults).join(', ')}.`)
  const read = (scope: LimitScope): Limit[] => readWindows(`${name}.${scope}`, given[scope] ?? usual[scope] ?? {})
  return { phone: read('phone'), ip: read('ip'), prefix: read('prefix'), country: read('country'), total: read('total') }
}

/** A call costs more than a text, and pays more to who earns by it. */
const channelDefaults: ChannelLimits = { voice: { phone: { '1h': 3, '1d': 5 }, country: { '1h': 50 } } }

/** @throws TypeError for unknown channels, and as `readSendLimits`. */
export function readChannelLimits(given: ChannelLimits = {}): ChannelLimitTable {
  checkTable('channelLimits', given, '{ voice: { phone: { \'1d\': 5 } } }')
  const read = Object.entries({ ...channelDefaults, ...given }).map(([channel, limits]) => {
    if (!isChannel(channel)) throw new TypeError(`channelLimits.${channel} is not known. There are ${smsChannels.join(', ')}.`)
    return [channel, readTable(`channelLimits.${channel}`, limits, {})] as const
  })
  return Object.fromEntries(read)
}

/** A gateway that is down for a while keeps nobody from their text for long when it is back. */
const unsentToNumber: Readonly<Record<string, number>> = { '5m': 5, '1d': 50 }

/** @throws TypeError as `readSendLimits`. */
export function readUnsentLimits(given: UnsentLimits = {}, sendLimits: SendLimitTable): UnsentLimitTable {
  checkTable('unsentLimits', given, '{ phone: { \'1h\': 5 } }')
  const unknown = Object.keys(given).find((scope) => !['phone', 'ip'].includes(scope))
  if (unknown !== undefined) throw new TypeError(`unsentLimits.${unknown} is not known. There are phone, ip.`)
  const phone = readWindows('unsentLimits.phone', given.phone ?? unsentToNumber)
  return { phone, ip: given.ip ? readWindows('unsentLimits.ip', given.ip) : sendLimits.ip }
}

/** @throws TypeError for windows that are no durations, and limits that are no positive integers. */
export function readWindows(scope: string, windows: Readonly<Record<string, number>>): Limit[] {
  checkTable(scope, windows, '{ \'1h\': 5 }')
  return Object.entries(windows).map(([window, limit]) => readLimit(scope, window, limit))
}

function readLimit(scope: string, window: string, limit: unknown): Limit {
  const length = milliseconds(`The window '${window}' of ${scope}`, window)
  if (length === 0 || typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1) {
    throw new TypeError(`${scope}['${window}'] is a number of texts, at least 1, in a window such as '1h', not ${JSON.stringify(limit)}.`)
  }
  return { limit, window: length }
}

export interface Spending {
  readonly number: PhoneNumber
  readonly subject: string | undefined
  readonly ip: string | undefined
  /** Whether the limits by address hold. */
  readonly byAddress: boolean
  /**
   * The number stands in the account of the person who asks: only the limits of that number and of the whole app apply.
   */
  readonly known: boolean
  /**
   * No text leaves: what others share is only looked at, or asking for numbers that nobody has would keep everybody
   * from theirs.
   */
  readonly decoy: boolean
}

type Counted = readonly [scope: LimitScope, kind: string, value: string]

/** What people share who do not know each other. */
const SHARED: readonly LimitScope[] = ['prefix', 'country', 'total']

/**
 * The budgets that a text takes from. Its number is counted for its account's holder and for strangers apart; without a
 * subject the ledger of the number counts the holder's texts already.
 */
export function budgetsOf(
  key: KeyObject,
  table: SendLimitTable,
  brake: Brake | undefined,
  spending: Spending,
): ScopedBudget[] {
  const { number, subject, known, decoy } = spending
  const total = ['total', 'limit total', ''] as const
  const ofHolder: readonly Counted[] = subject === undefined ? [total] : [['phone', 'limit phone', number.e164], total]
  return (known ? ofHolder : countedOfStrangers(spending)).flatMap(([scope, kind, value]) => {
    const limits = table[scope]
    const conversion = isBraked(scope) ? brake?.[scope] : undefined
    const shared = SHARED.includes(scope)
    const budget: ScopedBudget = {
      scope, shared, key: tagOf(key, kind, value), limits, conversion, peek: decoy && shared,
    }
    return limits.length > 0 || conversion ? [budget] : []
  })
}

/** The budgets of one channel. No ledger counts what a number gets by one alone, so its holder's are here, too. */
export function channelBudgetsOf(
  key: KeyObject,
  table: ChannelLimitTable,
  channel: SmsChannel,
  spending: Spending,
): ScopedBudget[] {
  const limitsOf = table[channel]
  if (!limitsOf) return []
  const { number, known, decoy } = spending
  const ofHolder: readonly Counted[] = [['phone', 'limit phone', number.e164], ['total', 'limit total', '']]
  return (known ? ofHolder : countedOfStrangers(spending)).flatMap(([scope, kind, value]) => {
    const limits = limitsOf[scope]
    const shared = SHARED.includes(scope)
    const counted = tagOf(key, `${kind} by ${channel}`, value)
    return limits.length > 0 ? [{ scope: 'channel', shared, key: counted, limits, peek: decoy && shared }] : []
  })
}

const countedOfStrangers = ({ number, ip, byAddress }: Spending): readonly Counted[] => [
  ['phone', 'limit phone of strangers', number.e164],
  ...byAddress ? [['ip', 'limit ip', addressKey(ip)] as const] : [],
  ['prefix', 'limit prefix', prefixOf(number)],
  ['country', 'limit country', number.country],
  ['total', 'limit total', ''],
]

/** The budgets that tries take from which came to nothing. The number's own are in its ledger. */
export function unsentBudgetsOf(
  key: KeyObject,
  { ip: limits }: UnsentLimitTable,
  { ip, byAddress, known }: Spending,
): ScopedBudget[] {
  return known || !byAddress || limits.length === 0 ? [] : [{ scope: 'ip', shared: false, key: tagOf(key, 'unsent ip', addressKey(ip)), limits, peek: true }]
}

/** The budgets that learn that the code of a text to this number was entered. */
export const convertedBy = (key: KeyObject, number: PhoneNumber): string[] =>
  [tagOf(key, 'limit prefix', prefixOf(number)), tagOf(key, 'limit country', number.country)]

const prefixOf = ({ e164 }: PhoneNumber): string => e164.slice(0, -4)

/** What stands for all addresses that nobody knows: they share one budget. */
const UNKNOWN = 'unknown'

/**
 * One key for all addresses that one subscriber holds: an IPv4 address however it is written, the /64 of an IPv6
 * address. Some proxies add a port, and each would be an address of its own; what is no address at all is like none.
 */
export function addressKey(ip: string | undefined): string {
  const [, bracketed, v4] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(ip?.trim() ?? '') ?? []
  const address = (bracketed ?? v4 ?? ip?.trim() ?? '').replace(/%.*$/, '')
  if (isIPv6(address)) return subscriberOf(address)
  return isIPv4(address) ? address : UNKNOWN
}

function subscriberOf(address: string): string {
  const groups = groupsOf(address)
  const [, , , , , , high = '0', low = '0'] = groups
  return holdsIPv4(groups) ? [high, low].flatMap(bytesOf).join('.') : groups.slice(0, 4).join(':')
}

function groupsOf(address: string): string[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  return tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
}

/** IPv4-mapped (RFC 4291 §2.5.5.2), or translated by NAT64 (RFC 6052 §2.1): all of the internet in one /64. */
const holdsIPv4 = (groups: readonly string[]): boolean => ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'].includes(groups.slice(0, 6).join(':'))

const bytesOf = (group: string): number[] => {
  const value = parseInt(group, 16)
  return [value >> 8, value & 255]
}
