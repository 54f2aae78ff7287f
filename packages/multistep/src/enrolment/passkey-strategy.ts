import { createHash } from 'node:crypto'
import type { FactorOptions } from '../factors/factor.js'
import { idOf, idText, ownId } from '../factors/person-id.js'
import type { PasskeySetUpPort, ShownPasskey } from '../factors/set-up.js'
import type { Request } from '../http/request.js'
import { userProperty } from '../http/user-property.js'
import { available } from '../lib/available.js'
import { callback, checkOptions, object, text, withMethods } from '../lib/option-checks.js'
import type { Passkey, PasskeyStore } from './passkey-store.js'

/** As much of `@simplewebauthn/server` 13 or 14 as is used: `import * as webauthn from '@simplewebauthn/server'`. */
export interface WebAuthn {
  // Its own types are the app's to install. As methods, these take its functions.
  generateRegistrationOptions(options: object): Promise<unknown>
  verifyRegistrationResponse(options: object): Promise<unknown>
  generateAuthenticationOptions(options: object): Promise<unknown>
  verifyAuthenticationResponse(options: object): Promise<unknown>
}

/** The options of a `PasskeyStrategy`. */
export interface PasskeyOptions {
  /** The module `@simplewebauthn/server`, which the app installs. */
  readonly webauthn: WebAuthn
  /** Where passkeys are kept. */
  readonly store: PasskeyStore
  /** The app's name, as the browser shows it. */
  readonly rpName: string
  /** The app's host without a port, such as `acme.example`. A passkey belongs to it for ever. */
  readonly rpID: string
  /** Where the app's pages are, such as `https://acme.example`. One, or several. */
  readonly origin: string | readonly string[]
  /**
   * The name of the account, as the browser shows it.
   * @default the user's id
   */
  readonly account?: (user: Express.User) => string
  /**
   * The same as multistep's option.
   * @default user.id
   */
  readonly userId?: (user: Express.User) => unknown
  /**
   * Milliseconds since 1970, as multistep's option.
   * @default Date.now
   */
  readonly now?: () => number
}

/** The methods that Passport adds to the strategy for each request. */
interface PasskeyActions {
  success(user: Express.User, info?: object): void
  fail(info: object, status: number): void
  pass(info: object): void
  error(error: unknown): void
}

type PasskeyCode = 'passkey_missing' | 'passkey_wrong' | 'challenge_unknown' | 'user_unknown' | 'method_not_allowed'

const passkeyStatuses: Record<PasskeyCode, number> = {
  passkey_missing: 400,
  passkey_wrong: 401,
  challenge_unknown: 401,
  user_unknown: 403,
  method_not_allowed: 405,
}

const passkeySentences: Readonly<Record<PasskeyCode, string>> = {
  passkey_missing: 'Use your passkey.',
  passkey_wrong: 'That passkey is not one of this account.',
  challenge_unknown: 'That took too long. Try again.',
  user_unknown: 'A passkey can only be the second factor of a known user.',
  method_not_allowed: 'Send this request with POST.',
}

interface StrategyOptions { readonly action?: unknown, readonly challenge?: unknown }

/** Milliseconds for which a challenge can be answered (WebAuthn Level 3 §15.1 recommends five minutes). */
const challengeLife = 5 * 60_000

/**
 * Passkeys and security keys as a second factor of `req.user` (W3C WebAuthn Level 3), and the router's page
 * `/webauthn/set-up` where people add, name and remove them. `@simplewebauthn/server` is the app's.
 *
 * Fails with `passkey_missing` 400, `passkey_wrong` 401, `challenge_unknown` 401, `user_unknown` 403 or
 * `method_not_allowed` 405. A store that fails is an error, `store_unavailable` 503.
 * @example
 * import * as webauthn from '@simplewebauthn/server'
 *
 * const passkeys = new PasskeyStrategy({ webauthn, store, rpName: 'Acme', rpID: 'acme.example', origin: 'https://acme.example' })
 * passport.use(passkeys)
 * multistep(passport, { steps: ['local', optional('webauthn')], factors: { webauthn: passkeys.factor } })
 */
export class PasskeyStrategy implements PasskeySetUpPort {
  readonly name = 'webauthn'
  readonly type = 'passkeys'
  /** For `factors` of multistep. */
  readonly factor: FactorOptions
  private readonly options: PasskeyOptions

  /** @throws TypeError for options that cannot work. */
  constructor(options: PasskeyOptions) {
    checkOptions('PasskeyStrategy ', options, {
      webauthn: object,
      store: withMethods(['list', 'save', 'remove'], 'new MemoryPasskeyStore()'),
      rpName: text,
      rpID: text,
      origin: {
        words: 'an origin such as \'https://acme.example\', or a list of them',
        fits: (value) => [value].flat().length > 0 && [value].flat().every(isOrigin),
      },
      account: callback('(user) => user.email'),
      userId: callback('(user) => user.email'),
      now: callback('Date.now'),
    })
    const given = options as Partial<PasskeyOptions>
    const missing = (['webauthn', 'store', 'rpName', 'rpID', 'origin'] as const).find((name) => given[name] === undefined)
    if (missing !== undefined) throw new TypeError(`PasskeyStrategy needs the option ${missing}.`)
    this.options = options
    this.factor = {
      enrolled: (user) => this.has(user),
      fields: ['passkey'],
      challenge: { action: 'begin' },
      setUp: this,
    }
  }

  authenticate(req: Request, options: StrategyOptions = {}): void {
    const actions = this as unknown as PasskeyActions
    const run = options.action === 'begin' ? this.ask(req) : this.check(req, options.challenge)
    run.then(
      (result) => {
        if ('public' in result) return actions.pass(result)
        if ('user' in result) return actions.success(result.user, result.info)
        const { code } = result
        return actions.fail({ code, message: passkeySentences[code] }, passkeyStatuses[code])
      },
      (error: unknown) => actions.error(error),
    )
  }

  async has(user: Express.User): Promise<boolean> {
    return (await this.kept(user)).length > 0
  }

  async list(user: Express.User): Promise<readonly ShownPasskey[]> {
    return (await this.kept(user)).map(({ id, name, createdAt }) => ({ id, name, createdAt }))
  }

  async begin(user: Express.User): Promise<{ options: object, challenge: string }> {
    const { webauthn, rpName, rpID, account } = this.options
    const id = this.idOf(user)
    const options = await webauthn.generateRegistrationOptions({
      rpName, rpID, userName: account?.(user) ?? id, userID: userHandle(id),
      excludeCredentials: (await this.kept(user)).map(described),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    }) as { challenge: string }
    return { options, challenge: options.challenge }
  }

  async add(user: Express.User, answer: unknown, challenge: string, name: string): Promise<boolean> {
    const verified = await this.options.webauthn.verifyRegistrationResponse({
      response: answer, ...this.expected(challenge), requireUserVerification: false,
    }).catch(() => undefined) as Registration | undefined
    if (!verified?.verified || !verified.registrationInfo) return false
    const { id, publicKey, counter, transports } = verified.registrationInfo.credential
    const kept: Passkey = {
      id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, name, createdAt: new Date(this.now()).toISOString(),
      ...transports && { transports },
    }
    await this.save(user, kept, 'new')
    return true
  }

  /** Also for your help desk. */
  async remove(user: Express.User, id: string): Promise<boolean> {
    const removed: unknown = await available('passkeys', () => this.options.store.remove(this.idOf(user), id))
    return removed === true
  }

  /** What the browser is asked for. The challenge in it, and its end, are kept with the login, or with the step-up. */
  private async ask(req: Request): Promise<{ challenge: string, public: object } | { code: PasskeyCode }> {
    const user = pendingPerson(req)
    if (req.method !== 'POST') return { code: 'method_not_allowed' }
    if (!user) return { code: 'user_unknown' }
    const options = await this.options.webauthn.generateAuthenticationOptions({
      rpID: this.options.rpID, allowCredentials: (await this.kept(user)).map(described), userVerification: 'preferred',
    }) as { challenge: string }
    const expiresAt = this.now() + challengeLife
    return {
      challenge: `${expiresAt} ${options.challenge}`,
      public: { publicKey: options, expiresAt: new Date(expiresAt).toISOString() },
    }
  }

  private async check(
    req: Request, kept: unknown,
  ): Promise<{ code: PasskeyCode } | { user: Express.User, info: { amr: string[] } }> {
    const user = pendingPerson(req)
    if (req.method !== 'POST') return { code: 'method_not_allowed' }
    if (!user) return { code: 'user_unknown' }
    const answer = answerIn(req)
    if (!answer) return { code: 'passkey_missing' }
    const [end, challenge] = typeof kept === 'string' ? kept.split(' ') : []
    if (challenge === undefined || this.now() >= Number(end)) return { code: 'challenge_unknown' }
    const passkey = (await this.kept(user)).find(({ id }) => id === answer.id)
    if (!passkey) return { code: 'passkey_wrong' }
    const { id, publicKey, counter, transports } = passkey
    const verified = await this.options.webauthn.verifyAuthenticationResponse({
      response: answer, ...this.expected(challenge), requireUserVerification: false,
      credential: { id, publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')), counter, transports },
    }).catch(() => undefined) as Authentication | undefined
    if (!verified?.verified) return { code: 'passkey_wrong' }
    const { newCounter, credentialDeviceType } = verified.authenticationInfo
    // A counter that stays at zero says nothing, as synced passkeys have it.
    const counts = newCounter !== counter
    if (counts && !await this.save(user, { ...passkey, counter: newCounter }, 'used')) return { code: 'passkey_wrong' }
    // RFC 8176 §2: `swk` for a key that its owner's devices share, and `user` for the touch that WebAuthn asks for.
    return { user, info: { amr: [credentialDeviceType === 'multiDevice' ? 'swk' : 'hwk', 'user'] } }
  }

  private expected(challenge: string): object {
    const { origin, rpID } = this.options
    return { expectedChallenge: challenge, expectedOrigin: [origin].flat(), expectedRPID: rpID }
  }

  private async save(user: Express.User, passkey: Passkey, as: 'new' | 'used'): Promise<boolean> {
    return available('passkeys', () => this.options.store.save(this.idOf(user), passkey, as))
  }

  private now(): number {
    return this.options.now?.() ?? Date.now()
  }

  private async kept(user: Express.User): Promise<readonly Passkey[]> {
    return available('passkeys', () => this.options.store.list(this.idOf(user)))
  }

  private idOf(user: Express.User): string {
    return idText(idOf(user, this.options.userId ?? ownId))
  }
}

interface Registration {
  readonly verified: boolean
  readonly registrationInfo?: {
    readonly credential: {
      readonly id: string
      readonly publicKey: Uint8Array
      readonly counter: number
      readonly transports?: readonly string[]
    }
  }
}

interface Authentication {
  readonly verified: boolean
  readonly authenticationInfo: {
    readonly newCounter: number
    readonly credentialDeviceType?: 'singleDevice' | 'multiDevice'
  }
}

const isOrigin = (value: unknown): boolean =>
  typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value

/** Authenticators keep 64 bytes at most, and show them to others: no name or address (WebAuthn Level 3 §14.6.1). */
const userHandle = (id: string): Uint8Array => new Uint8Array(createHash('sha256').update(id).digest())

const described = ({ id, transports }: Passkey) => ({ id, ...transports && { transports: [...transports] } })

const pendingPerson = (req: Request): Express.User | undefined =>
  Reflect.get(req, userProperty(req)) as Express.User | undefined

/** The browser's answer, as `JSON.stringify(credential)` in the field `passkey`. */
function answerIn(req: Request): { readonly id: string } | undefined {
  const { passkey } = (req.body ?? {}) as { passkey?: unknown }
  try {
    const answer: unknown = JSON.parse(String(passkey))
    return typeof (answer as { id?: unknown } | null | undefined)?.id === 'string' ? answer as { id: string } : undefined
  } catch {
    return undefined
  }
}
