import { requireText } from '#internal/option-checks'

/**
 * A number as Twilio takes it (E.164): written with its country code, in any of the usual ways.
 * @throws TypeError for what Twilio would refuse with each text (error 21212).
 */
export function numberOf(name: string, given: unknown): string {
  const number = asNumber(requireText(name, given))
  if (number === undefined) throw new TypeError(`${name} is a number with its country code, such as '+447400123456'.`)
  return number
}

/**
 * What a text may come from: a number, a short code, a name, or an address of another channel such as `rcs:acme_agent`.
 * @throws TypeError for what Twilio would refuse with each text (error 21212).
 * @see https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id
 */
export function senderOf(name: string, given: unknown): string {
  const sender = requireText(name, given).trim()
  if (isShortCode(sender) || isName(sender) || isOfChannel(sender)) return sender
  const number = asNumber(sender)
  if (number !== undefined) return number
  throw new TypeError(`${name} is a number with its country code, such as '+447400123456', a short code of 3 to 8 digits, `
    + 'or a name of at most 11 letters, digits and spaces.')
}

function asNumber(text: string): string | undefined {
  const number = text.replace(/[\s().-]/g, '')
  return /^\+[1-9]\d{6,14}$/.test(number) ? number : undefined
}

const isShortCode = (text: string): boolean => /^\d{3,8}$/.test(text)

const isName = (text: string): boolean => /^[\w +&-]{1,11}$/.test(text) && /[A-Za-z]/.test(text)

const isOfChannel = (text: string): boolean => /^[a-z]+:\S+$/.test(text)
