import { requireText } from '#internal/option-checks'
import { refused, unknownOutcome } from '../provider-error.js'
import { redactor } from '../redact.js'
import type { SmsSender } from '../sender.js'
import {
  twilioRequest, type Create, type TwilioAnswer, type TwilioClient, type TwilioCredentials,
} from './twilio-client.js'
import { attempt, refusedFor } from './twilio-attempt.js'
import { readOrders, type TwilioOrder, type TwilioSenderOptions } from './twilio-options.js'

/**
 * Texts, and calls, through Twilio, by the client of its SDK or, with credentials, by one request without it. It can do
 * the channels that it is set up for: `sms` with `from` or `messagingServiceSid`, and those that have an option.
 * @throws TypeError for credentials or a sender number that are missing: there is no pretending.
 * @example
 * twilioSender({ client, from: '+15005550006', voice: { from: '+15005550006' } })
 */
export function twilioSender(options: TwilioSenderOptions): SmsSender {
  const orders = readOrders(options)
  const create = creatorOf(options)
  const secrets = 'authToken' in options ? [options.authToken, Buffer.from(`${options.accountSid}:${options.authToken}`).toString('base64')] : []
  return {
    name: requireText('name', options.name ?? 'twilio'),
    channels: [...orders.keys()],
    async send(message, { signal }) {
      const orderOf = orders.get(message.channel ?? 'sms')
      if (!orderOf) throw refused(`This sender is not set up for ${message.channel ?? 'sms'}.`, { temporary: false })
      const order = orderOf(message)
      const redact = redactor(message, 'call' in order ? [...secrets, order.call.twiml] : secrets)
      const answer = await attempt(() => create(order, signal), redact)
      return accepted(answer)
    },
  }
}

function creatorOf(options: TwilioSenderOptions): Create<TwilioOrder> {
  const { client, ...credentials } = options as Partial<TwilioCredentials> & {
    client?: { messages?: { create?: unknown }, calls?: { create?: unknown } } | null
  }
  if (client === undefined) {
    const message = twilioRequest(credentials as TwilioCredentials, 'Messages')
    const call = twilioRequest(credentials as TwilioCredentials, 'Calls')
    return (order, signal) => ('call' in order ? call(order.call, signal) : message(order.message, signal))
  }
  if (['accountSid', 'authToken', 'baseUrl', 'fetch'].some((name) => name in options)) throw new TypeError('twilioSender takes either a client or credentials of its own.')
  if (typeof client?.messages?.create !== 'function') throw new TypeError('client is what the Twilio SDK returns: twilio(accountSid, authToken).')
  if (options.voice && typeof client.calls?.create !== 'function') throw new TypeError('voice needs a client that can call: what the Twilio SDK returns has calls.create.')
  const { messages, calls } = client as Required<TwilioClient>
  return async (order) => ('call' in order ? calls.create(order.call) : messages.create(order.message))
}

/** What Twilio took has an id. It may have failed all the same: then the answer says why. */
function accepted({ sid, status, errorCode }: TwilioAnswer): { id: string, status: string } {
  if (typeof sid !== 'string' || sid === '') throw unknownOutcome('Twilio answered something that is not a message.', { providerCode: 'body_unreadable' })
  if (errorCode || ['failed', 'undelivered', 'canceled', 'busy', 'no-answer'].includes(status)) throw refusedFor(errorCode ? String(errorCode) : status, false)
  return { id: sid, status }
}
