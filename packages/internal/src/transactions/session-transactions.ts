import type { Request } from 'express'

/** How many logins one browser may have under way, one in each tab. */
const MAX_LOGINS_OF_A_BROWSER = 5

interface SessionRecord {
  /** The ids of transactions at an operator. Each is made from a `state`, which the session does not hold. */
  readonly pending?: readonly string[]
  /** The ids of transactions on the operator-selection page. Each is made from a `correlation_id`. */
  readonly selecting?: readonly string[]
  /** The handle of the transaction of a phone that rings. */
  readonly challenge?: string
}

type Lists = 'pending' | 'selecting'

/** The part of a session that names the logins under way. It holds nothing of the transactions themselves. */
export class SessionTransactions {
  private readonly req: Request
  private readonly key: string
  private readonly missing: () => Error

  /**
   * @param key under which the session keeps them
   * @param missing makes the error for a request without a session
   */
  constructor(req: Request, key: string, missing: () => Error) {
    this.req = req
    this.key = key
    this.missing = missing
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
    const changed = Object.entries({ ...this.kept(), ...change })
      .filter(([, value]) => value !== undefined && value.length > 0)
    const session = this.session()
    if (changed.length > 0) session[this.key] = Object.fromEntries(changed)
    // Assigning undefined would leave the key in the session.
    else Reflect.deleteProperty(session, this.key)
  }

  private session(): Record<string, unknown> {
    const session: unknown = (this.req as { session?: unknown }).session
    if (typeof session === 'object' && session !== null) return session as Record<string, unknown>
    throw this.missing()
  }
}
