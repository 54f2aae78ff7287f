import { challengeIn, packedChallenge, type Challenge, type PackedChallenge } from '../codes/handle.js'
import { pseudonym } from '../codes/keys.js'
import { openText, sealText } from '../codes/sealed.js'
import { smsChannels, type SmsChannel } from '../lib/channels.js'
import { maskNumber } from '../numbers/phone-number.js'
import type { Details } from '../texts/details.js'
import type { Context, Ready } from './context.js'

const USE = 'report'

/** One text of a challenge. */
export interface ReportedText {
  readonly challenge: Challenge
  readonly channel: SmsChannel
  /** Which text of the challenge, from 0. */
  readonly text: number
  readonly details: Details
}

/** Where what is reported is kept, with the challenge or in the trace: all that another text with its code needs. */
type KeptText = readonly [text: number, kid: string, challenge: PackedChallenge, details: Details]

type Reference = readonly [phone: string, subject: string, purpose: string, channel: number, kept?: KeptText]

/**
 * What goes with a text and comes back with what becomes of it: so a report needs no memory, and may be earlier than
 * the answer to the text.
 */
export function referenceTo(
  { settings: { keys, trace }, tag }: Ready,
  { challenge, channel, text, details }: ReportedText,
): string {
  const { phone, subject, purpose, kid, tracked = false } = challenge
  const isKept = tracked || trace !== undefined
  const reference: Reference = [
    maskNumber(phone), pseudonym(tag, subject, phone), purpose, smsChannels.indexOf(channel),
    ...(isKept ? [[text, kid, packedChallenge(challenge), details]] : []) as [],
  ]
  const json = JSON.stringify(reference)
  return sealText(keys.current, json.padEnd(Math.ceil(json.length / 32) * 32), USE)
}

/** What a report is about. */
export interface Referred {
  readonly phone: string
  readonly subject: string
  readonly purpose: string
  readonly channel: SmsChannel | undefined
  /** Where what is reported was to be kept when the text left. */
  readonly text: Omit<ReportedText, 'channel'> | undefined
}

/** `undefined` for what this service has not made. */
export function referredBy({ settings: { keys } }: Context, reference: unknown): Referred | undefined {
  const opened = openText(keys, reference, USE)
  if (!opened) return undefined
  const [phone, subject, purpose, channel, kept] = JSON.parse(opened.text) as Reference
  return { phone, subject, purpose, channel: smsChannels[channel], text: kept && textIn(kept) }
}

const textIn = ([text, kid, packed, details]: KeptText) => ({ text, details, challenge: challengeIn(kid, packed) })
