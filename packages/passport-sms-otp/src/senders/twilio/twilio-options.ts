import { duration, type Duration } from '#internal/duration'
import { checkFunctions, checkOptionNames, requireText } from '#internal/option-checks'
import type { SmsChannel } from '../../lib/channels.js'
import { refused } from '../provider-error.js'
import type { SmsMessage } from '../sender.js'
import { twimlOf } from './twilio-call.js'
import type { TwilioCall, TwilioClient, TwilioCredentials, TwilioMessage } from './twilio-client.js'
import { numberOf, senderOf } from './twilio-from.js'
import { withReference } from './twilio-status.js'

interface Origin {
  /**
   * The number or name that texts come from.
   * @default required, or `messagingServiceSid`, where texts are sent
   */
  readonly from?: string
  /**
   * The Messaging Service (`MG…`) that chooses the number.
   * @default required, or `from`, where texts are sent
   */
  readonly messagingServiceSid?: string
  /**
   * Messages in WhatsApp, from an approved sender.
   * @default none: the sender does not do `whatsapp`
   */
  readonly whatsapp?: TwilioWhatsApp
  /**
   * Messages by RCS alone: the person gets no text in their place.
   * @default none: the sender does not do `rcs`
   */
  readonly rcs?: TwilioRcs
  /**
   * Calls that say the code.
   * @default none: the sender does not do `voice`
   */
  readonly voice?: TwilioVoice
  /**
   * Where Twilio reports what became of a text or a call: an `https:` address that reads reports with
   * `twilioStatusCallback`.
   * @default none: nothing is reported
   */
  readonly statusCallback?: string
  /**
   * The `provider` of results and events.
   * @default 'twilio'
   */
  readonly name?: string
}

/** Messages in WhatsApp, by a sender and a template that WhatsApp has approved. */
export interface TwilioWhatsApp {
  /** The number of the WhatsApp sender, such as `+14155238886`. */
  readonly from: string
  /**
   * The template that WhatsApp has approved. It is needed where the person has not written to you within 24 hours.
   * @default none: the message is sent as it is
   */
  readonly contentSid?: string
  /**
   * The variables of the template. They have to hold all of `confirms` where that is there, or nothing is sent.
   * @default { 1: code }
   * @example
   * contentVariables: ({ code, confirms }) => ({ 1: code, 2: confirms ?? 'the login' })
   */
  readonly contentVariables?: (message: SmsMessage) => Readonly<Record<string, string>>
}

/** The RCS sender, such as `rcs:acme_agent`, or the messaging service that it belongs to. */
export type TwilioRcs = { readonly from: string } | { readonly messagingServiceSid: string }

/** Calls that say the code, twice and digit by digit. */
export interface TwilioVoice {
  /** The number that calls. */
  readonly from: string
  /**
   * For how long it rings, `'10m'` at most: after a short time, mailboxes do not answer yet.
   * @default '20s'
   */
  readonly ring?: Duration
}

/**
 * The account, and where its texts, messages and calls come from.
 * @example
 * const options: TwilioSenderOptions = { client: twilio(accountSid, authToken), from: '+15005550006' }
 */
export type TwilioSenderOptions = Origin & ({ readonly client: TwilioClient } | TwilioCredentials)

const twilioOptionNames = [
  'client', 'accountSid', 'authToken', 'baseUrl', 'fetch', 'from', 'messagingServiceSid', 'whatsapp', 'rcs', 'voice',
  'statusCallback', 'name',
]

/** What is asked of Twilio for one message. */
export type TwilioOrder = { readonly message: TwilioMessage } | { readonly call: TwilioCall }

/** How each channel that is set up makes its order. */
export type Orders = ReadonlyMap<SmsChannel, (message: SmsMessage) => TwilioOrder>

/** @throws TypeError for options that could not work. */
export function readOrders(options: TwilioSenderOptions): Orders {
  checkOptionNames('twilioSender', options, twilioOptionNames)
  const { whatsapp, rcs, voice, statusCallback } = options
  if (statusCallback !== undefined && !(URL.canParse(statusCallback) && new URL(statusCallback).protocol === 'https:')) {
    throw new TypeError('statusCallback is an address that begins with https://.')
  }
  const orders = new Map<SmsChannel, (message: SmsMessage) => TwilioOrder>()
  const text = textOrigin(options)
  if (text) orders.set('sms', messageOrder(options, text, ''))
  if (whatsapp) orders.set('whatsapp', whatsappOrder(options, whatsapp))
  if (rcs) orders.set('rcs', rcsOrder(options, rcs))
  if (voice) orders.set('voice', voiceOrder(options, voice))
  return orders
}

const messageOrder = (options: Origin, origin: object, prefix: string) =>
  (message: SmsMessage): TwilioOrder =>
    ({
      message: {
        ...callbackOf(options, message), ...validityOf(message), ...origin, to: `${prefix}${message.to}`,
        body: message.body,
      },
    })

function textOrigin({ from, messagingServiceSid, whatsapp, rcs, voice }: Origin) {
  if (from === undefined && messagingServiceSid === undefined && (whatsapp ?? rcs ?? voice)) return undefined
  return oneOrigin('twilioSender', { from, messagingServiceSid })
}

function oneOrigin(
  what: string,
  { from, messagingServiceSid }: { readonly from?: unknown, readonly messagingServiceSid?: unknown },
) {
  if ((from === undefined) === (messagingServiceSid === undefined)) throw new TypeError(`${what} takes either from or messagingServiceSid.`)
  return from === undefined
    ? { messagingServiceSid: requireText('messagingServiceSid', messagingServiceSid) }
    : { from: senderOf(what === 'rcs' ? 'rcs.from' : 'from', from) }
}

const LONGEST_VALIDITY = 36_000

/** A text that still waits in Twilio's queue when its code is dead is not sent. */
const validityOf = ({ validFor }: SmsMessage) =>
  (validFor === undefined ? {} : { validityPeriod: Math.min(Math.max(validFor, 1), LONGEST_VALIDITY) })

const callbackOf = ({ statusCallback }: Origin, { reference }: SmsMessage) =>
  (statusCallback === undefined ? {} : { statusCallback: withReference(statusCallback, reference) })

function whatsappOrder(options: Origin, { from, ...template }: TwilioWhatsApp) {
  checkOptionNames('whatsapp', { from, ...template }, ['from', 'contentSid', 'contentVariables'])
  checkFunctions(template, ['contentVariables'])
  const { contentSid, contentVariables = ({ code }) => ({ 1: code }) } = template
  if (template.contentVariables && contentSid === undefined) {
    throw new TypeError('contentVariables fill a template: give contentSid, too.')
  }
  if (contentSid !== undefined) requireText('contentSid', contentSid)
  const number = numberOf('whatsapp.from', requireText('whatsapp.from', from).replace(/^whatsapp:/, ''))
  return (message: SmsMessage): TwilioOrder => {
    const content = contentSid === undefined
      ? { body: message.body }
      : { contentSid, contentVariables: JSON.stringify(shown(contentVariables(message), message)) }
    const addresses = { from: `whatsapp:${number}`, to: `whatsapp:${message.to}` }
    return { message: { ...callbackOf(options, message), ...addresses, ...content } }
  }
}

/** A template that leaves out what the code confirms, or the code, is not sent. */
function shown(variables: Readonly<Record<string, string>>, { code, confirms = code }: SmsMessage) {
  const values = Object.values(variables)
  const hasAll = [code, confirms].every((needed) => values.some((value) => value.includes(needed)))
  if (hasAll) return variables
  throw refused('The variables of the template do not hold all that the code confirms.', { providerCode: 'details_not_shown', temporary: false })
}

function rcsOrder(options: Origin, rcs: TwilioRcs) {
  checkOptionNames('rcs', rcs, ['from', 'messagingServiceSid'])
  const origin = oneOrigin('rcs', rcs)
  // With the prefix Twilio sends no text in its place: https://www.twilio.com/docs/rcs/send-an-rcs-message
  return messageOrder(options, origin, 'rcs:')
}

/** Seconds after which Twilio hangs up: all is said twice by then, and nobody is paid for a longer call. */
const LONGEST_CALL = 120

function voiceOrder(options: Origin, voice: TwilioVoice) {
  checkOptionNames('voice', voice, ['from', 'ring'])
  const from = numberOf('voice.from', voice.from)
  const timeout = Math.ceil(duration('voice.ring', voice.ring ?? '20s', '10m') / 1000)
  const call = { from, timeout, timeLimit: LONGEST_CALL }
  return (message: SmsMessage): TwilioOrder =>
    ({ call: { ...callbackOf(options, message), ...call, to: message.to, twiml: twimlOf(message) } })
}
