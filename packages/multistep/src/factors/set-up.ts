import type { Awaitable } from '../lib/awaitable.js'

/** How the router lets people set up a factor themselves, on its page `/<factor>/set-up`. */
export type SetUp = TotpSetUpPort | PasskeySetUpPort

/** An authenticator app: `TotpSetUp` of `multistep/totp`. */
export interface TotpSetUpPort {
  readonly type: 'totp'
  has(user: Express.User): Awaitable<boolean>
  /** A new key, which counts for nothing until it is kept. */
  begin(user: Express.User): NewTotpKey
  /** Whether an app that holds this key shows this code, at this time in epoch milliseconds. */
  shows(key: string, code: unknown, now: number): boolean
  /** In place of the key of before. */
  keep(user: Express.User, key: string): Promise<void>
  remove(user: Express.User): Promise<void>
}

/** What a person gives their authenticator app. */
export interface NewTotpKey {
  /** Base 32. */
  readonly key: string
  /** `otpauth://totp/…`, which apps read from a QR code. */
  readonly uri: string
  /** The QR code as an SVG element, where the app brought what draws one. */
  readonly qr?: string
}

/** Passkeys: `PasskeyStrategy` of `multistep/passkeys`. */
export interface PasskeySetUpPort {
  readonly type: 'passkeys'
  has(user: Express.User): Awaitable<boolean>
  list(user: Express.User): Promise<readonly ShownPasskey[]>
  /** What the browser is asked for, and the challenge that its answer must hold. */
  begin(user: Express.User): Promise<{ readonly options: object, readonly challenge: string }>
  /** `false`: the browser's answer is none to this challenge. */
  add(user: Express.User, answer: unknown, challenge: string, name: string): Promise<boolean>
  /** `false`: the person has no such passkey. */
  remove(user: Express.User, id: string): Promise<boolean>
}

/** A passkey as its owner sees it. */
export interface ShownPasskey {
  readonly id: string
  readonly name: string
  /** ISO 8601. */
  readonly createdAt: string
}
