import { smsChannels, type SmsChannel } from '../lib/channels.js'
import type { CodeBinding } from './code.js'
import type { Keys } from './keys.js'
import { openText, sealText } from './sealed.js'

/** A challenge as its handle remembers it. */
export interface Challenge extends CodeBinding {
  /** Which secret its code is derived from. */
  readonly kid: string
  /** Epoch milliseconds of the store's clock. */
  readonly expiresAt: number
  /** `undefined`: the number itself. */
  readonly subject: string | undefined
  readonly locale: string | undefined
  /** Looks like a challenge, but nothing was texted and no code opens it. */
  readonly decoy: boolean
  /** The number stood in an account. */
  readonly known: boolean
  /** The number was to be saved in an account that had none. */
  readonly capturing: boolean
  /** By which its last text went that this handle knows of. Absent: by `'sms'`. */
  readonly channel?: SmsChannel | undefined
  /** What is reported of its texts is kept with it, and told. */
  readonly tracked?: boolean | undefined
}

/** Seals a challenge, padded so that its length says little. The result is base64url. */
export const seal = (
  keys: Keys,
  challenge: Challenge,
): string => sealText(keys.byId.get(challenge.kid) ?? keys.current, packChallenge(challenge))

/** The challenge in a handle that one of our secrets sealed; `undefined` for anything else. */
export function open(keys: Keys, handle: unknown): Challenge | undefined {
  const opened = openText(keys, handle)
  return opened && unpackChallenge(opened.key.id, opened.text)
}

export type PackedChallenge = readonly [
  id: string, tag: string, expiresAt: number, phone: string, subject: string | null, purpose: string,
  locale: string | null, details: string, marks: number, channel?: number,
]

const DECOY = 1
const KNOWN = 2
const CAPTURING = 4
const TRACKED = 8

function packChallenge(challenge: Challenge): string {
  const json = JSON.stringify(packedChallenge(challenge))
  return json.padEnd(Math.ceil(json.length / 32) * 32)
}

const unpackChallenge = (kid: string, json: string): Challenge => challengeIn(kid, JSON.parse(json) as PackedChallenge)

/** A challenge as JSON, without the id of its key. */
export function packedChallenge(
  {
    id, tag, expiresAt, phone, subject, purpose, locale, details, decoy, known, capturing, channel = 'sms',
    tracked = false,
  }: Challenge,
): PackedChallenge {
  const marks = (decoy ? DECOY : 0) + (known ? KNOWN : 0) + (capturing ? CAPTURING : 0) + (tracked ? TRACKED : 0)
  return [
    id, tag, expiresAt, phone, subject ?? null, purpose, locale ?? null, details, marks,
    ...(channel === 'sms' ? [] : [smsChannels.indexOf(channel)]) as [channel?: number],
  ]
}

export function challengeIn(
  kid: string,
  [id, tag, expiresAt, phone, subject, purpose, locale, details, marks, channel]: PackedChallenge,
): Challenge {
  return {
    kid, id, tag, expiresAt, phone, subject: subject ?? undefined, purpose, locale: locale ?? undefined, details,
    decoy: (marks & DECOY) !== 0, known: (marks & KNOWN) !== 0, capturing: (marks & CAPTURING) !== 0,
    ...(marks & TRACKED) !== 0 && { tracked: true },
    ...channel !== undefined && { channel: smsChannels[channel] },
  }
}
