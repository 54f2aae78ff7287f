import type { Request } from 'express'
import { MobileConnectError } from '../errors.js'

/** Logins that one browser may have begun and not ended: a tab each. */
const MAX_LOGINS_OF_A_BROWSER = 5

interface SessionRecord {
  /** Ids of transactions at an operator; found by the `state` that comes back, which stands nowhere here. */
  readonly pending?: readonly string[]
  /** Ids of transactions on the operator-selection page; found by the `correlation_id` that comes back. */
  readonly selecting?: readonly string[]
  /** The handle of a phone that rings. */
  readonly challenge?: string
}

type Lists = 'pending' | 'selecting'

/** What a session holds on to of the logins that are under way: names of transactions, and nothing of what is in them. */
export class SessionTransactions {
  private readonly req: Request
  private readonly key: string

  constructor(req: Request, key: string) {
    this.req = req
    this.key = key
  }

  has(list: Lists, id: string): boolean {
    return this.list(list).includes(id)
  }

  add(list: Lists, id: string): void {
    this.write({ [list]: [...this.list(list), id].slice(-MAX_LOGINS_OF_A_BROWSER) })
  }

  remove(list: Lists, id: string): void {
    this.write({ [list]: this.list(list).filter((other) => other !== id) })
  }

  get challenge(): string | undefined {
    return this.kept().challenge
  }

  set challenge(handle: string | undefined) {
    this.write({ challenge: handle })
  }

  private list(name: Lists): readonly string[] {
    const { [name]: list } = this.kept()
    return Array.isArray(list) ? list as string[] : []
  }

  private kept(): SessionRecord {
    const value = this.session()[this.key]
    return typeof value === 'object' && value !== null ? value : {}
  }

  private write(change: { [Name in keyof SessionRecord]?: SessionRecord[Name] | undefined }): void {
    const changed = Object.entries({ ...this.kept(), ...change }).filter(([, value]) => value !== undefined && (typeof value === 'string' || value.length > 0))
    const session = this.session()
    if (changed.length > 0) session[this.key] = Object.fromEntries(changed)
    // express-session keeps what has a value: assigning undefined would leave the key.
    else Reflect.deleteProperty(session, this.key)
  }

  private session(): Record<string, unknown> {
    const session: unknown = (this.req as { session?: unknown }).session
    if (typeof session === 'object' && session !== null) return session as Record<string, unknown>
    throw new MobileConnectError('misconfigured', 'A login at an operator is kept in the session, and there is none: put app.use(session({ ... })) of express-session before this route.')
  }
}
