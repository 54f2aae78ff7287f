import { randomBytes } from 'node:crypto'
import type { FactorOptions } from '../factors/factor.js'
import { idOf, idText, ownId } from '../factors/person-id.js'
import type { NewTotpKey, TotpSetUpPort } from '../factors/set-up.js'
import type { Awaitable } from '../lib/awaitable.js'
import { available } from '../lib/available.js'
import { callback, checkOptions, text, withMethods } from '../lib/option-checks.js'
import { typedCode } from '../lib/typed-code.js'
import { fromBase32, isCodeOf, period, toBase32 } from './one-time-code.js'

/**
 * Where an app keeps the keys of authenticator apps: one for each account, for as long as it exists. A key is a secret
 * that must be read again: encrypt the column.
 */
export interface TotpKeyStore {
  /** Base 32, as `replace` got it; `undefined`: the user has none. */
  read(userId: string): Awaitable<string | undefined>
  /** In place of an earlier one. */
  replace(userId: string, key: string): Awaitable<unknown>
  remove(userId: string): Awaitable<unknown>
}

/**
 * Keeps keys in this process, for development and tests.
 * @example
 * const authenticators = new TotpSetUp({ store: new MemoryTotpKeyStore(), issuer: 'Acme' })
 */
export class MemoryTotpKeyStore implements TotpKeyStore {
  private readonly kept = new Map<string, string>()

  read(userId: string): string | undefined {
    return this.kept.get(userId)
  }

  replace(userId: string, key: string): void {
    this.kept.set(userId, key)
  }

  remove(userId: string): void {
    this.kept.delete(userId)
  }
}

/** The options of a `TotpSetUp`. */
export interface TotpSetUpOptions {
  /** Where the keys of authenticator apps are kept. */
  readonly store: TotpKeyStore
  /** The app's name, as an authenticator app shows it. */
  readonly issuer: string
  /**
   * The name of the account, as an authenticator app shows it.
   * @default the user's id
   */
  readonly account?: (user: Express.User) => string
  /**
   * Draws a QR code as an SVG element, such as `renderSVG` of the package `uqr`.
   * @default none: the page shows the key as text, and a link for an app on the same device
   */
  readonly qr?: (text: string) => string
  /**
   * The same as multistep's option.
   * @default user.id
   */
  readonly userId?: (user: Express.User) => unknown
}

type KeyCallback = (error: unknown, key?: Buffer, period?: number) => void

/**
 * Lets people set up an authenticator app on the router's page `/totp/set-up`, for passport-totp as it is.
 * @example
 * const authenticators = new TotpSetUp({ store, issuer: 'Acme', qr: renderSVG })
 * passport.use(new TotpStrategy({ window: 1 }, authenticators.key))
 * multistep(passport, {
 *   steps: ['local', optional(anyOf('totp', 'recovery-code'))],
 *   factors: { totp: authenticators.factor, 'recovery-code': recoveryCodes },
 * })
 */
export class TotpSetUp implements TotpSetUpPort {
  readonly type = 'totp'
  /** For `factors` of multistep: who has an authenticator app, and how it is set up. */
  readonly factor: FactorOptions
  private readonly options: TotpSetUpOptions

  /** @throws TypeError for options that cannot work. */
  constructor(options: TotpSetUpOptions) {
    checkOptions('TotpSetUp ', options, {
      store: withMethods(['read', 'replace', 'remove'], 'new MemoryTotpKeyStore()'),
      issuer: text,
      account: callback('(user) => user.email'),
      qr: callback('renderSVG of uqr'),
      userId: callback('(user) => user.email'),
    })
    const { store, issuer } = options as Partial<TotpSetUpOptions>
    if (!store || issuer === undefined) {
      throw new TypeError('TotpSetUp needs a store and the app\'s name: new TotpSetUp({ store, issuer: \'Acme\' }).')
    }
    this.options = options
    this.factor = { enrolled: (user) => this.has(user), setUp: this }
  }

  /** The first argument of passport-totp: finds a user's key. */
  readonly key = (user: Express.User, done: KeyCallback): void => {
    this.read(user).then(
      (key) => (key === undefined ? done(new TypeError('The user has no key of TOTP.')) : done(null, fromBase32(key), period)),
      (error: unknown) => done(error),
    )
  }

  async has(user: Express.User): Promise<boolean> {
    return (await this.read(user)) !== undefined
  }

  /** 160 random bits (RFC 4226 §4). */
  begin(user: Express.User): NewTotpKey {
    const key = toBase32(randomBytes(20))
    const { issuer, account, qr } = this.options
    const name = account?.(user) ?? this.idOf(user)
    const uri = `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(name)}`
      + `?secret=${key}&issuer=${encodeURIComponent(issuer)}`
    return { key, uri, ...qr && { qr: qr(uri) } }
  }

  shows(key: string, code: unknown, now: number): boolean {
    return typeof code === 'string' && isCodeOf(fromBase32(key), typedCode(code), now)
  }

  async keep(user: Express.User, key: string): Promise<void> {
    await available('keys', () => this.options.store.replace(this.idOf(user), key))
  }

  /** Also for your help desk. */
  async remove(user: Express.User): Promise<void> {
    await available('keys', () => this.options.store.remove(this.idOf(user)))
  }

  private async read(user: Express.User): Promise<string | undefined> {
    return await available('keys', () => this.options.store.read(this.idOf(user))) ?? undefined
  }

  private idOf(user: Express.User): string {
    return idText(idOf(user, this.options.userId ?? ownId))
  }
}
