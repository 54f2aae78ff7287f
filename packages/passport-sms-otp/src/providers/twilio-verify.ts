import { checkOptionNames, requireText } from '#internal/option-checks'
import { SmsOtpError } from '../lib/errors.js'
import { unknownOutcome } from '../senders/provider-error.js'
import { redactor } from '../senders/redact.js'
import { attempt } from '../senders/twilio/twilio-attempt.js'
import { twilioCode } from '../senders/twilio/twilio-codes.js'
import { checkVerifyClient, isVerifyService, localeOfTwilio, verifyChannels } from '../senders/twilio/twilio-verify-sender.js'
import type { Details } from '../texts/details.js'
import { refusedByProvider, verdictOf } from './outcomes.js'
import type { CodeGuess, CodeProvider, CodeStart, CodeStarted, CodeVerdict } from './provider.js'

interface Verification {
  readonly sid: string
  readonly status: string
  readonly amount?: string | null
  readonly payee?: string | null
}

interface VerificationParams {
  to: string
  channel: string
  locale?: string
  amount?: string
  payee?: string
}

interface TwilioVerifyService {
  readonly verifications: {
    create(params: VerificationParams): Promise<Verification>
  }
  readonly verificationChecks: {
    create(params: { verificationSid: string, code: string, amount?: string, payee?: string }): Promise<Verification>
  }
}

/** What this package uses of the client of the official SDK, `twilio(accountSid, authToken)`. */
export interface TwilioVerifyClient {
  readonly verify: { readonly v2: { services(sid: string): TwilioVerifyService } }
}

/**
 * The client of Twilio's SDK, and the Verify Services that make the codes.
 * @example
 * const options: TwilioVerifyOptions = {
 *   client: twilio(accountSid, authToken),
 *   serviceSid: { login: 'VA00000000000000000000000000000001', 'new-number': 'VA00000000000000000000000000000002' },
 * }
 */
export interface TwilioVerifyOptions {
  /** What the SDK returns: `twilio(accountSid, authToken)`. */
  readonly client: TwilioVerifyClient
  /**
   * The Verify Service (`VA…`) of codes for the purpose `'login'`, or one for each purpose, such as
   * `{ login: 'VA…', 'new-number': 'VA…' }`. Twilio has one code for a number and a Service at a time, so two purposes
   * that share a Service would share their codes.
   */
  readonly serviceSid: string | Readonly<Record<string, string>>
  /**
   * A Service with PSD2 enabled, for codes that confirm `amount` and `payee`, of any purpose: Twilio shows both, and
   * its code is for them alone.
   * @default none: details are refused
   */
  readonly psd2ServiceSid?: string | undefined
  /**
   * As the Services say (`CodeLength`), from 6 to 10.
   * @default 6
   */
  readonly codeLength?: number | undefined
  /**
   * Stands in events.
   * @default 'twilio-verify'
   */
  readonly name?: string | undefined
}

/**
 * Twilio Verify v2, by the client of its SDK: Twilio makes the codes, sends them by its own senders and templates, and
 * checks them.
 * @throws TypeError for options that are missing or misspelt, and a Service that has two uses.
 * @example
 * import twilio from 'twilio'
 *
 * const provider = twilioVerify({ client: twilio(accountSid, authToken), serviceSid: 'VA…' })
 * new SmsOtp({ provider, secret, countries: ['GB'] })
 */
export function twilioVerify(options: TwilioVerifyOptions): CodeProvider {
  checkOptionNames('twilioVerify', options, ['client', 'serviceSid', 'psd2ServiceSid', 'codeLength', 'name'])
  const { client, psd2ServiceSid, codeLength = 6, name = 'twilio-verify' } = options
  checkVerifyClient(client)
  if (!Number.isInteger(codeLength) || codeLength < 6 || codeLength > 10) throw new TypeError('codeLength is a whole number from 6 to 10, as the Service has it.')
  const services = readServices(options)
  const serviceOf = (purpose: string, details: Details): TwilioVerifyService =>
    client.verify.v2.services(sidFor(services, { purpose, details, psd2ServiceSid }))
  return {
    name: requireText('name', name),
    channels: ['sms', 'whatsapp', 'voice', 'rcs'],
    code: { length: codeLength },
    details: psd2ServiceSid === undefined ? [] : ['amount', 'payee'],
    start: async (start) => startVerification(serviceOf(start.purpose, start.details), start),
    check: async (guess) => checkVerification(serviceOf(guess.purpose, guess.details), guess),
  }
}

function readServices({ serviceSid, psd2ServiceSid }: TwilioVerifyOptions): ReadonlyMap<string, string> {
  const services = new Map(typeof serviceSid === 'string' ? [['login', serviceSid]] : Object.entries(Object(serviceSid) as Record<string, string>))
  const sids = [...services.values(), ...psd2ServiceSid === undefined ? [] : [psd2ServiceSid]]
  if (services.size === 0 || !sids.every(isVerifyService)) throw new TypeError('serviceSid is a Verify Service such as \'VA…\', or one for each purpose: { login: \'VA…\' }.')
  if (new Set(sids).size < sids.length) throw new TypeError('Each purpose, and psd2ServiceSid, needs a Service of its own: Twilio has one code for a number and a Service at a time.')
  return services
}

interface Use {
  readonly purpose: string
  readonly details: Details
  readonly psd2ServiceSid: string | undefined
}

/** @throws SmsOtpError `misconfigured` for a use without a Service. */
function sidFor(services: ReadonlyMap<string, string>, { purpose, details, psd2ServiceSid }: Use): string {
  const names = Object.keys(details)
  if (names.length === 0) {
    const sid = services.get(purpose)
    if (sid !== undefined) return sid
    throw new SmsOtpError('misconfigured', 'Twilio has one code for a number and a Service at a time, so each purpose needs a Service of its own: '
      + `serviceSid: { ${[...services.keys(), purpose].map((each) => `'${each}': 'VA…'`).join(', ')} }.`)
  }
  if (psd2ServiceSid !== undefined && details.amount !== undefined && details.payee !== undefined) return psd2ServiceSid
  throw new SmsOtpError('misconfigured', 'Twilio confirms amount and payee, both of them, by a Service with PSD2 enabled: give psd2ServiceSid.')
}

async function startVerification(service: TwilioVerifyService, start: CodeStart): Promise<CodeStarted> {
  const { to, channel, locale, details } = start
  const confirmed = confirmedBy(details)
  const inLanguage = locale === undefined ? {} : { locale: localeOfTwilio(locale) }
  const params = { to, channel: verifyChannels[channel], ...inLanguage, ...confirmed }
  try {
    const answer = await attempt(() => service.verifications.create(params), redactor({ to, body: '', code: '' }))
    // Without its PSD2 flag a Service may leave both out of its text.
    checkConfirmed(answer, confirmed)
    return { id: answer.sid, status: answer.status }
  } catch (error) {
    throw refusedByProvider(error, kindOf, secondsOf)
  }
}

const confirmedBy = ({ amount, payee }: Details): { amount?: string, payee?: string } =>
  (amount === undefined || payee === undefined ? {} : { amount, payee })

function checkConfirmed({ amount, payee }: Verification, confirmed: { amount?: string, payee?: string }): void {
  if ((amount ?? undefined) === confirmed.amount && (payee ?? undefined) === confirmed.payee) return
  throw new SmsOtpError('misconfigured', 'Twilio did not take amount and payee: enable PSD2 for the Service of psd2ServiceSid.')
}

/** Error codes of Twilio, by what they mean for a text. */
function kindOf(providerCode: string): 'throttled' | 'blocked' | 'undeliverable' {
  const kind = twilioCode(providerCode)?.kind
  if (kind === 'rate' || providerCode === 'http_429') return 'throttled'
  return kind === 'destination' || kind === 'blocked' ? 'blocked' : 'undeliverable'
}

/** A verification takes five texts and five guesses, and lives for ten minutes. */
const secondsOf = (providerCode: string): number | undefined => (['60202', '60203'].includes(providerCode) ? 600 : undefined)

async function checkVerification(
  service: TwilioVerifyService,
  { id, to, code, details }: CodeGuess,
): Promise<CodeVerdict> {
  const confirmed = confirmedBy(details)
  try {
    const create = () => service.verificationChecks.create({ verificationSid: id, code, ...confirmed })
    const { status, ...answer } = await attempt(create, redactor({ to, body: '', code }, [id]))
    const verdict = verdicts[status]
    if (verdict === undefined) throw unknownOutcome('Twilio answered something that is no verdict.', { providerCode: 'body_unreadable' })
    if (verdict === 'right') checkConfirmed({ sid: id, status, amount: answer.amount ?? null, payee: answer.payee ?? null }, confirmed)
    return verdict
  } catch (error) {
    return verdictOf(error, verdictsOfErrors)
  }
}

/** Of a verification (twilio-oai, verify_v2: verification_check, `status`). */
const verdicts: Readonly<Partial<Record<string, CodeVerdict>>> = {
  approved: 'right', pending: 'wrong', canceled: 'expired', expired: 'expired', deleted: 'expired', failed: 'expired', max_attempts_reached: 'exhausted',
}

/** A verification that has ended is not found. What is about us, or too much at once, is not looked at. */
const verdictsOfErrors: Readonly<Partial<Record<string, CodeVerdict>>> = {
  20404: 'expired', http_404: 'expired', 60202: 'exhausted',
  20003: 'unchecked', 20429: 'unchecked', 60212: 'unchecked', http_401: 'unchecked', http_403: 'unchecked', http_429: 'unchecked',
}
