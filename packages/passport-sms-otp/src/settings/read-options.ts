import { types } from 'node:util'
import type { SmsChannel } from '../lib/channels.js'
import type { ChallengeStore, LockoutPolicy } from '../stores/challenge-store.js'
import { keepAnswers } from './kept-answers.js'
import { keptAnswers, type KeptCheck } from './kept-check.js'
import type { Alphabet, TypedFormat } from '../codes/code.js'
import { readConversion } from '../limits/brake.js'
import { readDetailRules } from '../texts/details.js'
import { duration, milliseconds } from '#internal/duration'
import { guardStore } from './guarded-store.js'
import { Handles } from '../codes/handles.js'
import { deriveKeys } from '../codes/keys.js'
import { MemoryChallengeStore } from '../stores/memory/memory-challenge-store.js'
import {
  checkAppName, checkMessage, checkOrigin, checkTemplate, defaultMessage, type MessageParts, type MessageTemplate,
} from '../texts/message.js'
import { checkFunctions, checkList, checkOptionNames, hasMethods } from '#internal/option-checks'
import { optionNames, type LockoutOptions, type SmsOtpOptions } from './options.js'
import { wholeBetween } from './whole-between.js'
import { readTrace } from './read-trace.js'
import type { Settings } from './settings.js'
import { isCountry, maskWith, numberTypes, type NumberRules } from '../numbers/phone-number.js'
import { readChannelLimits, readSendLimits, readUnsentLimits } from '../limits/send-limits.js'
import { tellSharedCodes } from '../numbers/shared-codes.js'
import { CODE_PLACE, isProvider, type CodeProvider } from '../providers/provider.js'
import { canSend, channelsOfSender, checkChannels, isSender, type SmsSender } from '../senders/sender.js'

/** @throws TypeError that says what to write instead. */
export function readOptions(options: SmsOtpOptions): Settings {
  checkOptionNames('SmsOtp', options, optionNames)
  checkFunctions(options, ['message', 'mask', 'beforeSend', 'acceptNumber', 'waitUntil', 'now'])
  const way = checkWay(options)
  const channels = readChannels(options.channels, way)
  const storeTimeout = duration('storeTimeout', options.storeTimeout ?? '2s', '1m')
  const appName = checkAppName(options.appName)
  const origin = checkOrigin(options.origin)
  const format = { alphabet: checkAlphabet(options.alphabet ?? 'digits'), length: wholeBetween('codeLength', options.codeLength ?? 6, 6, 10) }
  const ttl = duration('ttl', options.ttl ?? '5m', '10m')
  const limits = readSendLimits(options.sendLimits)
  const allowMultiSegment = isAllowed('allowMultiSegment', options.allowMultiSegment)
  const minutes = Math.max(1, Math.floor(ttl / 60_000))
  const sample = { code: '0'.repeat(format.length), appName, origin, minutes, locale: undefined, details: {}, confirms: undefined }
  if (isProvider(way)) checkTextOf(way, options.message, { ...sample, code: CODE_PLACE })
  else if (options.message) checkMessage(options.message, allowMultiSegment, sample)
  const keys = deriveKeys(checkSecrets(options.secret))
  const settings = {
    way,
    channels,
    choosesChannel: options.channels !== undefined,
    channelLimits: readChannelLimits(options.channelLimits),
    ...readDelivery(options, channels),
    keys,
    handles: new Handles(keys),
    store: guardStore(checkStore(options), storeTimeout),
    rules: readNumberRules(options, way),
    appName,
    origin,
    message: options.message ?? defaultMessage,
    allowMultiSegment,
    detailRules: readDetailRules(options.detailsMayHold, isProvider(way) ? way.details ?? [] : way.details),
    mask: maskWith(options.mask),
    format,
    typed: isProvider(way) ? formatOf(way) : format,
    ttl,
    maxAttempts: wholeBetween('maxAttempts', options.maxAttempts ?? 5, 1, 10),
    delays: checkList('delays', options.delays ?? ['30s', '1m', '2m'], '[\'30s\', \'1m\']').map((delay) => milliseconds('A delay of delays', delay)),
    maxResends: wholeBetween('maxResends', options.maxResends ?? 3, 0, 10),
    limits,
    unsentLimits: readUnsentLimits(options.unsentLimits, limits),
    brake: readConversion(options.conversion),
    lockout: readLockout(options.lockout ?? {}),
    checks: readChecks(options),
    beforeSend: readHook(options),
    senderTimeout: duration('senderTimeout', options.senderTimeout ?? '10s', '2m'),
    waitUntil: options.waitUntil,
  }
  return { ...settings, trace: readTrace(options.trace, settings) }
}

function readChecks({ checks = {}, now = Date.now }: SmsOtpOptions): KeptCheck[] {
  checkOptionNames('checks', checks, ['simSwap', 'deviceSwap'])
  const { simSwap, deviceSwap } = checks
  if (simSwap !== undefined && simSwap.name !== 'sim-swap') throw new TypeError('checks.simSwap is what simSwapCheck({ provider }) returns.')
  if (deviceSwap !== undefined && deviceSwap.name !== 'device-swap') throw new TypeError('checks.deviceSwap is what deviceSwapCheck({ provider }) returns.')
  return [simSwap, deviceSwap]
    .filter((check) => check !== undefined)
    .map((check) => ({ ...check, answers: keptAnswers(check.cache, now) }))
}

function readHook({ beforeSend, beforeSendFor, now = Date.now }: SmsOtpOptions): Settings['beforeSend'] {
  if (beforeSendFor === undefined) return beforeSend
  if (!beforeSend) throw new TypeError('beforeSendFor keeps the answers of beforeSend, and there is none: give both, or neither.')
  return keepAnswers(beforeSend, duration('beforeSendFor', beforeSendFor), now)
}

function checkWay(options: SmsOtpOptions): SmsSender | CodeProvider {
  const { sender, provider } = options as Partial<Record<'sender' | 'provider', unknown>>
  if (sender !== undefined && provider !== undefined) throw new TypeError('Give either sender, for codes of ours, or provider, for codes of its own.')
  if (provider !== undefined) return checkProvider(provider, options)
  return checkSender(sender)
}

/** What a provider's codes look like, what its texts say, and what becomes of them, is its own. */
const NOT_OURS = [
  'codeLength', 'alphabet', 'origin', 'allowMultiSegment', 'expectDelivery', 'channelFailover',
] as const

function checkProvider(provider: unknown, options: SmsOtpOptions): CodeProvider {
  if (!isProvider(provider)) throw new TypeError('provider is what twilioVerify({ ... }) of passport-sms-otp/providers returns, or { name, start(start, { signal }), check(guess, { signal }) }.')
  const idle = NOT_OURS.find((name) => options[name] !== undefined) ?? (options.message && !provider.message ? 'message' : undefined)
  if (idle !== undefined) throw new TypeError(`${idle} is of codes and texts of ours: the provider '${provider.name}' has its own.`)
  return provider
}

function formatOf({ code: { length = 6, alphabet = 'digits' } = {} }: CodeProvider): TypedFormat {
  return { alphabet, length: wholeBetween('length of the provider\'s codes', length, 4, 10) }
}

function checkTextOf(
  { message: own }: CodeProvider,
  template: MessageTemplate | undefined,
  sample: MessageParts,
): void {
  if (own) checkTemplate(template ?? defaultMessage, own.longest, sample)
}

function checkSender(sender: unknown): SmsSender {
  if (isSender(sender)) return sender
  throw new TypeError('sender is required, or provider: the way texts leave, such as consoleSender() of passport-sms-otp/senders, or { name, send(message, { signal }) }.')
}

function readChannels(given: unknown, way: SmsSender | CodeProvider): [SmsChannel, ...SmsChannel[]] {
  const channels = checkChannels('channels', given ?? ['sms'])
  const wrong = channels.find((channel) => !canSend(way, { channel }))
  if (wrong === undefined) return channels as [SmsChannel, ...SmsChannel[]]
  throw new TypeError(`The ${isProvider(way) ? 'provider' : 'sender'} '${way.name}' cannot do ${wrong}: its channels are ${channelsOfSender(way).join(', ')}. `
    + (given === undefined ? 'Name those that codes may travel by: channels: [\'whatsapp\'].' : 'Take another one, or byChannel({ sms: first, voice: second }).'))
}

function readDelivery(
  { expectDelivery, channelFailover }: SmsOtpOptions,
  channels: readonly SmsChannel[],
) {
  const follows = isAllowed('channelFailover', channelFailover)
  if (follows && expectDelivery === undefined) throw new TypeError('channelFailover needs to know when a text is late: give expectDelivery, such as \'20s\'.')
  if (follows && channels.length < 2) throw new TypeError('channelFailover goes on with the next channel: name two, such as channels: [\'whatsapp\', \'sms\'].')
  return {
    expectDelivery: expectDelivery === undefined ? undefined : duration('expectDelivery', expectDelivery, '10m'),
    channelFailover: follows,
  }
}

function checkStore({ store, now }: SmsOtpOptions): ChallengeStore {
  if (store === undefined) return new MemoryChallengeStore({ now })
  if (hasMethods(store, ['send', 'verify', 'assign', 'count', 'conclude', 'undo', 'reserve', 'release', 'settle', 'report', 'enable', 'remember', 'retire'])) return store
  throw new TypeError('store is a ChallengeStore, such as new RedisChallengeStore({ client }).')
}

const WEAK = ['changeme', 'secret', 'password', 'keyboard cat']

/** One secret in two spellings, as text and as its bytes, is one: it stands once in the list. */
function checkSecrets(secret: unknown): [Buffer, ...Buffer[]] {
  const [first, ...others] = (Array.isArray(secret) ? secret : [secret]) as unknown[]
  const newest = checkSecret(first)
  const all = [newest, ...others.map(checkSecret)]
  return [newest, ...all.filter((one, place) => all.findIndex((other) => other.equals(one)) === place).slice(1)]
}

function checkSecret(secret: unknown): Buffer {
  const advice = 'Make one with `openssl rand -base64 32`, and keep it out of the code.'
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array)) throw new TypeError(`secret is required. ${advice}`)
  // A copy: the caller who gave the bytes may write over them.
  const bytes = Buffer.from(secret as Uint8Array)
  if (bytes.length < 32) throw new TypeError(`secret is too short: at least 32 bytes. ${advice}`)
  const text = bytes.toString()
  const weak = WEAK.find((word) => text.toLowerCase().includes(word))
  if (weak !== undefined || /^(.)\1*$/su.test(text)) throw new TypeError(`secret can be guessed${weak === undefined ? '' : `: it contains '${weak}'`}. ${advice}`)
  return bytes
}

function readNumberRules(
  { countries, numberTypes, defaultCountry, acceptNumber }: SmsOtpOptions,
  way: SmsSender | CodeProvider,
): NumberRules {
  const allowed = checkCountries(countries, way)
  if (types.isAsyncFunction(acceptNumber)) throw new TypeError('acceptNumber answers at once, true or false: a promise would accept no number.')
  if (defaultCountry !== undefined && !isCountry(defaultCountry)) throw new TypeError(`defaultCountry is an ISO 3166 code such as 'GB', not ${JSON.stringify(defaultCountry)}.`)
  if (defaultCountry !== undefined && allowed?.has(defaultCountry) === false) throw new TypeError(`defaultCountry is one of countries: ${defaultCountry} is not, so its numbers would never be texted.`)
  tellSharedCodes(allowed)
  return { countries: allowed, types: checkTypes(numberTypes ?? ['MOBILE', 'FIXED_LINE_OR_MOBILE']), defaultCountry, acceptNumber }
}

function checkCountries(countries: unknown, way: SmsSender | CodeProvider): ReadonlySet<string> | undefined {
  if (countries === undefined && way.development === true) return undefined
  if (!Array.isArray(countries)) throw new TypeError('countries is required: the regions whose numbers are texted, such as [\'GB\', \'DE\'].')
  const wrong = (countries as unknown[]).find((country) => !isCountry(country))
  if (wrong !== undefined) throw new TypeError(`countries holds ISO 3166 codes such as 'GB', not ${JSON.stringify(wrong)}.`)
  return new Set(countries as string[])
}

function checkTypes(given: unknown): ReadonlySet<string> {
  const wrong = checkList('numberTypes', given, '[\'MOBILE\']').find((type) => !(numberTypes as readonly unknown[]).includes(type))
  if (wrong !== undefined) throw new TypeError(`numberTypes holds ${numberTypes.join(', ')}, not ${JSON.stringify(wrong)}.`)
  return new Set(given as string[])
}

function checkAlphabet(alphabet: unknown): Alphabet {
  if (alphabet !== 'digits' && alphabet !== 'alphanumeric') throw new TypeError(`alphabet is 'digits' or 'alphanumeric', not ${JSON.stringify(alphabet)}.`)
  return alphabet
}

function readLockout(given: LockoutOptions): LockoutPolicy {
  checkOptionNames('lockout', given, ['after', 'for', 'max', 'disableAfter'])
  const first = duration('lockout.for', given.for ?? '15m')
  const max = duration('lockout.max', given.max ?? '24h')
  if (max < first) throw new TypeError(`lockout.max is at least as long as lockout.for: write max, too, not ${JSON.stringify(given.max ?? '24h')} with ${JSON.stringify(given.for)}.`)
  return {
    after: wholeBetween('lockout.after', given.after ?? 10, 1, 100),
    for: first,
    max,
    // NIST SP 800-63B-4 §3.2.2
    disableAfter: wholeBetween('lockout.disableAfter', given.disableAfter ?? 100, 1, 100),
  }
}

function isAllowed(name: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value === true
  throw new TypeError(`${name} is true or false, not ${JSON.stringify(value)}.`)
}
