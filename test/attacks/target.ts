import type { Visitor } from '../../packages/mobileconnect-simulator/test/support/visitor.js'

/** One request to be made. */
export interface Call { readonly path: string, readonly body: Readonly<Record<string, unknown>> }

/** Of a person with a second factor. */
export interface Account { readonly username: string, readonly password: string }

/** Any app that logs people in with two factors, as an attacker from outside sees it, and the phones of two accounts. */
export interface Target {
  readonly url: string
  readonly victim: Account
  /** The attacker's own account, with a second factor too. */
  readonly other: () => Promise<Account>
  /** The post of the first factor. */
  readonly first: (account: Account) => Call
  /** The post that sends the code. */
  readonly send: Call
  /** The post of the second factor. */
  readonly second: (code: unknown) => Call
  /** The field of `second` that holds the code. */
  readonly codeField: string
  /** A page for people who are logged in. */
  readonly guarded: string
  /** The post that logs out. */
  readonly logout: string
  /** The page that people log in at, and its parameter for where to go afterwards. */
  readonly loginPage: string
  readonly returnTo: string
  /** Every text that this account's phone has got, oldest first. Reads the code out of it. */
  readonly codes: (account: Account) => Promise<string[]>
  readonly close: () => Promise<void>
}

export interface Answer { readonly status: number, readonly headers: Headers, readonly text: string }

/** A browser, or what an attacker has instead: cookies, and every header as one likes. */
export class Client {
  private readonly target: Target
  private readonly cookies = new Map<string, string>()

  constructor(target: Target, cookies: Iterable<readonly [string, string]> = []) {
    this.target = target
    this.cookies = new Map(cookies)
  }

  /** Another client with these cookies as they are now: a stolen or an older copy. */
  copy(): Client {
    return new Client(this.target, this.cookies)
  }

  get jar(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async call(method: string, path: string, more: { body?: string, headers?: Record<string, string> } = {}): Promise<Answer> {
    const response = await fetch(this.target.url + path, {
      method,
      redirect: 'manual',
      headers: { accept: 'application/json', cookie: this.jar, ...more.headers },
      ...(more.body === undefined ? {} : { body: more.body }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      this.cookies.set(name, value)
    }
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  post({ path, body }: Call, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call('POST', path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } })
  }

  /** A form as a browser posts it; `from`: what the browser says of where it comes from. */
  form({ path, body }: Call, from: Record<string, string>): Promise<Answer> {
    const fields = new URLSearchParams(Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)])))
    return this.call('POST', path, { body: fields.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', ...from } })
  }

  async isIn(): Promise<boolean> {
    const { status } = await this.call('GET', this.target.guarded)
    return status === 200
  }

  /** Passes the first factor, and has a code sent. */
  async begin(account = this.target.victim): Promise<string> {
    const before = (await this.target.codes(account)).length
    await this.post(this.target.first(account))
    // Some apps send at once.
    if ((await this.target.codes(account)).length === before) await this.post(this.target.send)
    const codes = await this.target.codes(account)
    return codes.at(-1) ?? ''
  }

  async logIn(): Promise<string> {
    const code = await this.begin()
    await this.post(this.target.second(code))
    return code
  }
}

/** Another code than the right one, and than the codes of other `turn`s. */
export const wrong = (code: string, turn = 1): string => String((Number(code) + turn) % 1_000_000).padStart(6, '0')

/** Makes a call as a program does, in JSON. */
export const postJson = (visitor: Visitor, url: string, { path, body }: Call): Promise<Response> =>
  visitor.request(url + path, { method: 'POST', body: JSON.stringify(body), headers: { accept: 'application/json', 'content-type': 'application/json' } })
