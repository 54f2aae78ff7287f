import { checkOptionNames, requireText } from '#internal/option-checks'
import { neverConnected, refused, unknownOutcome, unreachable } from '../provider-error.js'
import { redactedError, redactor, type Redact } from '../redact.js'
import type { SmsMessage, SmsSender } from '../sender.js'
import {
  twilioRequest, type Create, type TwilioAnswer, type TwilioClient, type TwilioCredentials, type TwilioMessage,
} from './twilio-client.js'
import { twilioCode } from './twilio-codes.js'
import { withReference } from './twilio-status.js'

interface Origin {
  /** The number or name that texts come from. Either this or `messagingServiceSid`. */
  readonly from?: string
  readonly messagingServiceSid?: string
  /** Where Twilio reports what became of a text: an `https:` address that reads reports with `twilioStatusCallback`. */
  readonly statusCallback?: string
  /** Default: `'twilio'`. */
  readonly name?: string
}

export type TwilioSenderOptions = Origin & ({ readonly client: TwilioClient } | TwilioCredentials)

const LONGEST_VALIDITY = 36_000

const twilioOptionNames = ['client', 'accountSid', 'authToken', 'baseUrl', 'fetch', 'from', 'messagingServiceSid', 'statusCallback', 'name']

/**
 * Texts through Twilio, by the client of its SDK or, with credentials, by one request without it.
 * @throws TypeError for credentials or a sender number that are missing: there is no pretending.
 */
export function twilioSender(options: TwilioSenderOptions): SmsSender {
  checkOptionNames('twilioSender', options, twilioOptionNames)
  const create = creatorOf(options)
  const origin = originOf(options)
  const secrets = 'authToken' in options ? [options.authToken, Buffer.from(`${options.accountSid}:${options.authToken}`).toString('base64')] : []
  return {
    name: requireText('name', options.name ?? 'twilio'),
    async send(message, { signal }) {
      const redact = redactor(message, secrets)
      const answer = await attempt(() => create(messageOf(origin, message), signal), redact)
      return accepted(answer)
    },
  }
}

function creatorOf(options: TwilioSenderOptions): Create {
  const { client, ...credentials } = options as Partial<TwilioCredentials> & {
    client?: { messages?: { create?: unknown } } | null
  }
  if (client === undefined) return twilioRequest(credentials as TwilioCredentials)
  if (['accountSid', 'authToken', 'baseUrl', 'fetch'].some((name) => name in options)) throw new TypeError('twilioSender takes either a client or credentials of its own.')
  if (typeof client?.messages?.create !== 'function') throw new TypeError('client is what the Twilio SDK returns: twilio(accountSid, authToken).')
  return async (message) => (client as TwilioClient).messages.create(message)
}

function originOf({ from, messagingServiceSid, statusCallback }: Origin): Omit<TwilioMessage, keyof SmsMessage | 'body'> {
  if ((from === undefined) === (messagingServiceSid === undefined)) throw new TypeError('twilioSender takes either from or messagingServiceSid.')
  if (statusCallback !== undefined && !(URL.canParse(statusCallback) && new URL(statusCallback).protocol === 'https:')) {
    throw new TypeError('statusCallback is an address that begins with https://.')
  }
  return {
    ...from === undefined ? {} : { from: requireText('from', from) },
    ...messagingServiceSid === undefined ? {} : { messagingServiceSid: requireText('messagingServiceSid', messagingServiceSid) },
    ...statusCallback === undefined ? {} : { statusCallback },
  }
}

/** A text that still waits in Twilio's queue when its code is dead is not sent. */
const messageOf = (
  { statusCallback, ...origin }: Origin,
  { to, body, validFor, reference }: SmsMessage,
): TwilioMessage => ({
  ...origin,
  ...statusCallback === undefined ? {} : { statusCallback: withReference(statusCallback, reference) },
  to,
  body,
  ...validFor === undefined ? {} : { validityPeriod: Math.min(Math.max(validFor, 1), LONGEST_VALIDITY) },
})

/** A refusal is definite when Twilio itself says so: by 4xx, except 408, which is about time. */
async function attempt(create: () => Promise<TwilioAnswer>, redact: Redact): Promise<TwilioAnswer> {
  try {
    return await create()
  } catch (error) {
    const { status, code } = (error ?? {}) as { status?: unknown, code?: unknown }
    const cause = redactedError(error, redact)
    if (neverConnected(error)) throw unreachable('There is no connection to Twilio.', cause)
    if (typeof status !== 'number') throw unknownOutcome('Twilio gave no answer, or not a whole one.', { cause })
    const providerCode = typeof code === 'number' ? String(code) : `http_${status}`
    if (status < 400 || status > 499 || status === 408) throw unknownOutcome(`Twilio answered with HTTP ${status}, which tells nothing about the text.`, { providerCode, cause })
    throw refusedFor(providerCode, status === 429, cause)
  }
}

/** What Twilio took has an id. It may have failed all the same: then the answer says why. */
function accepted({ sid, status, errorCode }: TwilioAnswer): { id: string, status: string } {
  if (typeof sid !== 'string' || sid === '') throw unknownOutcome('Twilio answered something that is not a message.', { providerCode: 'body_unreadable' })
  if (errorCode || ['failed', 'undelivered', 'canceled'].includes(status)) throw refusedFor(errorCode ? String(errorCode) : status, false)
  return { id: sid, status }
}

function refusedFor(providerCode: string, temporary: boolean, cause?: Error) {
  const meant = twilioCode(providerCode)
  const message = `Twilio refused the text (${providerCode}${meant ? `: ${meant.meaning}` : ''}).`
  const tryNext = meant && meant.kind !== 'destination' && meant.kind !== 'blocked'
  return refused(
    message, { providerCode, temporary: meant?.temporary ?? temporary, tryNext, ...cause ? { cause } : {} },
  )
}
