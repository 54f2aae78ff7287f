import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { withDeadline } from '#internal/deadline'
import { maskNumber, parseNumber } from './numbers/phone-number.js'
import { isSender, type SmsMessage, type SmsReceipt, type SmsSender } from './senders/sender.js'
import { twilioSender } from './senders/twilio/twilio-sender.js'

const help = `passport-sms-otp send-test +447400123456: sends one text, and says what the provider said

  --sender ./sms.js    a module whose default export, or export sender, is a sender or a function that makes one.
                       Without it: Twilio, by TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, and TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID
  --dry-run            shows what would be sent, and by whom, and sends nothing
  --timeout 10         seconds
  --help

Exit status: 0 taken, 1 refused, 2 not understood, 3 nobody knows whether it left.`

const knownOptions = {
  sender: { type: 'string' }, 'dry-run': { type: 'boolean', default: false }, timeout: { type: 'string', default: '10' }, help: { type: 'boolean', default: false },
} as const

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly print: (line: string) => void
}

/**
 * The command `send-test`: one text through the app's own sender.
 * @returns the exit status
 * @throws TypeError for what cannot be understood, with how it is written.
 */
export async function sendTest(args: readonly string[], { env, print }: Surroundings): Promise<0 | 1 | 3> {
  const { values, positionals } = parseArgs({ args: [...args], options: knownOptions, allowPositionals: true })
  if (values.help) {
    print(help)
    return 0
  }
  const [command, to, ...more] = positionals
  if (command !== 'send-test' || to === undefined || more.length > 0) throw new TypeError(help)
  const number = parseNumber(to)
  if (!number) throw new TypeError('That is not a phone number. Write it with its country code, such as +447400123456.')
  const timeout = Number(values.timeout)
  if (!(timeout > 0 && timeout <= 600)) throw new TypeError('--timeout is a number of seconds up to 600.')
  const sender = values.sender === undefined ? twilioFrom(env) : await senderIn(values.sender)
  const message = { to: number.e164, body: '000000 is a test of passport-sms-otp. It opens nothing.', code: '000000', validFor: 300 }
  print(`${values['dry-run'] ? 'Would send' : 'Sending'} to ${maskNumber(number.e164)} (${number.country}) by ${sender.name}: ${message.body}`)
  return values['dry-run'] ? 0 : send(sender, message, timeout * 1000, print)
}

async function send(
  sender: SmsSender,
  message: SmsMessage,
  timeout: number,
  print: (line: string) => void,
): Promise<0 | 1 | 3> {
  try {
    // A sender of the app need not answer anything.
    const { id, status } = (
      await withDeadline<unknown>(timeout, (signal) => sender.send(message, { signal })) ?? {}
    ) as SmsReceipt
    print(`Taken${id === undefined ? '' : `, id ${id}`}${status === undefined ? '' : `, status ${status}`}. Whether it arrives shows on the handset.`)
    return 0
  } catch (error) {
    return tellFailure(error, print)
  } finally {
    await (sender as { close?: () => Promise<unknown> }).close?.()
  }
}

/** By the code of the error: the sender may be of another copy of this package. */
function tellFailure(error: unknown, print: (line: string) => void): 1 | 3 {
  const { code, providerCode, temporary, message, cause } = (error ?? {}) as Readonly<Record<string, unknown>>
  const said = [typeof message === 'string' ? message : String(error), ...cause instanceof Error ? [cause.message] : []].join(' ')
  if (code !== 'undeliverable') {
    print(`Nobody knows whether it left: ${said}`)
    return 3
  }
  print(`Refused${typeof providerCode === 'string' ? ` (${providerCode})` : ''}, ${temporary === true ? 'for now' : 'for good'}: ${said}`)
  return 1
}

function twilioFrom({ TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_FROM: from, TWILIO_MESSAGING_SERVICE_SID: messagingServiceSid }: Surroundings['env']): SmsSender {
  if (!accountSid || !authToken) throw new TypeError(`No sender: give --sender ./sms.js, or TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.\n\n${help}`)
  return twilioSender(
    { accountSid, authToken, ...from ? { from } : {}, ...messagingServiceSid ? { messagingServiceSid } : {} },
  )
}

async function senderIn(path: string): Promise<SmsSender> {
  const module = await import(pathToFileURL(resolve(path)).href) as { default?: unknown, sender?: unknown }
  const { default: main } = module
  // Of CommonJS the default export is all that the module exports.
  const inner = Object(main) as { default?: unknown, sender?: unknown }
  const given = module.sender ?? inner.sender ?? inner.default ?? main
  const sender: unknown = typeof given === 'function' ? await (given as () => unknown)() : given
  if (isSender(sender)) return sender
  throw new TypeError(`${path} exports no sender: write export const sender = twilioSender({ … }), or a function that returns one.`)
}
