import { available } from '../lib/available.js'
import { callback, checkOptions, text, whole, withMethods } from '../lib/option-checks.js'
import type { Request } from '../http/request.js'
import { idOf, idText, ownId } from '../factors/person-id.js'
import { hashAll, findHash, newCode, readCode } from './recovery-code.js'
import type { RecoveryCodeStore } from './recovery-code-store.js'
import { userProperty } from '../http/user-property.js'

/** The options of a `RecoveryCodeStrategy`. */
export interface RecoveryCodeOptions {
  /** Where the hashes of codes are kept. */
  readonly store: RecoveryCodeStore
  /**
   * How many codes `generate` makes.
   * @default 10
   */
  readonly count?: number
  /**
   * The form field.
   * @default 'code'
   */
  readonly codeField?: string
  /**
   * The same as multistep's option.
   * @default user.id
   */
  readonly userId?: (user: Express.User) => unknown
}

type Code = 'code_missing' | 'code_malformed' | 'code_wrong' | 'user_unknown' | 'method_not_allowed'

const refusals: Readonly<Record<Code, readonly [status: number, message: string]>> = {
  code_missing: [400, 'Enter one of your recovery codes.'],
  code_malformed: [400, 'A recovery code has ten letters and digits, such as 7G3KM-Q2XPT.'],
  code_wrong: [401, 'This is not one of your recovery codes, or it was used before.'],
  user_unknown: [403, 'A recovery code can only be the second factor of a known user.'],
  method_not_allowed: [405, 'Send this request with POST.'],
}

/** The methods that Passport adds to the strategy for each request. */
interface Actions {
  success(user: Express.User, info: object): void
  fail(info: object, status: number): void
  error(error: unknown): void
}

/**
 * Recovery codes, which are look-up secrets (NIST SP 800-63B-4 §3.1.2): a user who has lost their phone gives one of
 * the codes that they kept on paper. Each code works once. It is a second factor of `req.user`. The lockout of
 * multistep limits how often a code may be guessed.
 *
 * Fails with `code_missing` 400, `code_malformed` 400, `code_wrong` 401, `user_unknown` 403 or `method_not_allowed`
 * 405. A store that fails is an error, `store_unavailable` 503.
 * @example
 * const recovery = new RecoveryCodeStrategy({ store })
 * passport.use(recovery)
 * multistep(passport, {
 *   steps: ['local', anyOf('sms-otp', 'recovery-code')],
 *   factors: { 'recovery-code': { enrolled: async (user) => (await recovery.remaining(user)) > 0 } },
 * })
 */
export class RecoveryCodeStrategy {
  readonly name = 'recovery-code'
  private readonly store: RecoveryCodeStore
  private readonly count: number
  private readonly codeField: string
  private readonly userId: (user: Express.User) => unknown

  /** @throws TypeError for options that cannot work. */
  constructor(options: RecoveryCodeOptions) {
    checkOptions('RecoveryCodeStrategy ', options, {
      store: withMethods(['replace', 'list', 'remove'], 'new MemoryRecoveryCodeStore()'),
      count: whole(1, 100),
      codeField: text,
      userId: callback('(user) => user.email'),
    })
    if ((options as Partial<RecoveryCodeOptions>).store === undefined) {
      throw new TypeError(
        'RecoveryCodeStrategy needs a store: write new RecoveryCodeStrategy({ store })'
        + ' with one that keeps hashes beside your accounts.',
      )
    }
    this.store = options.store
    this.count = options.count ?? 10
    this.codeField = options.codeField ?? 'code'
    this.userId = options.userId ?? ownId
  }

  /** Makes new codes for this user, and replaces all earlier ones. Show them once: they cannot be read again. */
  async generate(user: Express.User): Promise<string[]> {
    const id = this.idOf(user)
    const codes = Array.from({ length: this.count }, newCode)
    const hashes = await hashAll(codes)
    await available('recovery codes', () => this.store.replace(id, hashes))
    return codes
  }

  /**
   * How many codes this user has left.
   * @example
   * const hasCodes = async (user: Express.User) => (await recovery.remaining(user)) > 0
   */
  async remaining(user: Express.User): Promise<number> {
    return (await available('recovery codes', () => this.store.list(this.idOf(user)))).length
  }

  /** The user's id as text, because the app's store has its accounts under it. */
  private idOf(user: Express.User): string {
    return idText(idOf(user, this.userId))
  }

  authenticate(req: Request): void {
    const actions = this as unknown as Actions
    this.check(req).then(
      (result) => {
        if (!('code' in result)) return actions.success(result.user, { remaining: result.remaining })
        const [status, message] = refusals[result.code]
        return actions.fail({ code: result.code, message }, status)
      },
      (error: unknown) => actions.error(error),
    )
  }

  private async check(req: Request): Promise<{ code: Code } | { user: Express.User, remaining: number }> {
    const user = Reflect.get(req, userProperty(req)) as Express.User | undefined
    if (req.method !== 'POST') return { code: 'method_not_allowed' }
    if (!user) return { code: 'user_unknown' }
    const body = req.body as Record<string, unknown> | undefined
    const input = body && Object.hasOwn(body, this.codeField) ? body[this.codeField] : undefined
    if (input === undefined || input === '') return { code: 'code_missing' }
    const code = readCode(input)
    if (code === undefined) return { code: 'code_malformed' }
    const id = this.idOf(user)
    const hashes = await available('recovery codes', () => this.store.list(id))
    const hash = await findHash(code, hashes)
    // The removal decides: of parallel requests with the same code, one passes.
    const used: unknown = hash !== undefined && await available('recovery codes', () => this.store.remove(id, hash))
    return used === true ? { user, remaining: hashes.length - 1 } : { code: 'code_wrong' }
  }
}
