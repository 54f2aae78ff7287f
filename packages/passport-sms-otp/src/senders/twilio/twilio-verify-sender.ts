import { checkOptionNames, requireText } from '#internal/option-checks'
import type { SmsChannel } from '../../lib/channels.js'
import { refused } from '../provider-error.js'
import { redactor } from '../redact.js'
import type { SmsSender } from '../sender.js'
import { attempt } from './twilio-attempt.js'

/** What this package uses of the client of the official SDK, `twilio(accountSid, authToken)`. */
export interface TwilioVerifySenderClient {
  readonly verify: {
    readonly v2: {
      services(sid: string): {
        readonly verifications: {
          create(params: { to: string, channel: string, customCode: string, locale?: string }): Promise<{
            readonly sid: string
            readonly status: string
          }>
        }
      }
    }
  }
}

/** The client of Twilio's SDK, and the Verify Service that sends our codes. */
export interface TwilioVerifySenderOptions {
  /** What the SDK returns: `twilio(accountSid, authToken)`. */
  readonly client: TwilioVerifySenderClient
  /** A Verify Service (`VA…`) with custom codes enabled. One is enough for all purposes. */
  readonly serviceSid: string
  /**
   * Stands in events.
   * @default 'twilio-verify'
   */
  readonly name?: string | undefined
}

/** @throws TypeError for what has no Verify API. */
export function checkVerifyClient(client: unknown): void {
  const { verify } = Object(client) as { verify?: { v2?: { services?: unknown } } }
  if (typeof verify?.v2?.services === 'function') return
  throw new TypeError('client is what the Twilio SDK returns: twilio(accountSid, authToken).')
}

export const isVerifyService = (sid: unknown): sid is string =>
  typeof sid === 'string' && /^VA[0-9a-fA-F]{32}$/.test(sid)

/** How Twilio Verify calls the channels. */
export const verifyChannels: Readonly<Record<SmsChannel, string>> = { sms: 'sms', whatsapp: 'whatsapp', voice: 'call', rcs: 'rcs' }

/**
 * Codes of ours by Twilio Verify (`CustomCode`): by its senders and templates, in all channels. We check them, so a
 * guess asks nobody else, and a code is tied to its purpose. Its texts show no details. Twilio counts such a
 * verification as unfinished: it sends five codes to a number in ten minutes.
 * @throws TypeError for options that are missing or misspelt.
 * @example
 * const sender = twilioVerifySender({ client: twilio(accountSid, authToken), serviceSid: 'VA…' })
 * new SmsOtp({ sender, secret, countries: ['GB'] })
 */
export function twilioVerifySender(options: TwilioVerifySenderOptions): SmsSender {
  checkOptionNames('twilioVerifySender', options, ['client', 'serviceSid', 'name'])
  const { client, serviceSid, name = 'twilio-verify' } = options
  checkVerifyClient(client)
  if (!isVerifyService(serviceSid)) throw new TypeError('serviceSid is a Verify Service such as \'VA…\'.')
  const { verifications } = client.verify.v2.services(serviceSid)
  return {
    name: requireText('name', name),
    channels: ['sms', 'whatsapp', 'voice', 'rcs'],
    details: [],
    async send(message) {
      const { to, code, channel = 'sms', locale, confirms } = message
      if (confirms !== undefined) throw refused('The texts of Twilio Verify do not show what a code confirms.', { temporary: false })
      const inLanguage = locale === undefined ? {} : { locale: localeOfTwilio(locale) }
      const params = { to, channel: verifyChannels[channel], customCode: code, ...inLanguage }
      const { sid, status } = await attempt(() => verifications.create(params), redactor(message))
      return { id: sid, status }
    },
  }
}

const REGIONAL = ['en-gb', 'pt-br', 'zh-cn', 'zh-hk']

/** Twilio Verify knows languages, and few regions. */
export const localeOfTwilio = (locale: string): string =>
  (REGIONAL.includes(locale.toLowerCase()) ? locale : locale.split('-', 1)[0] ?? locale)
