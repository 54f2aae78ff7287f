import { people, Scripted, type Person } from './app.js'

/** Options for `pin()`: a possession factor that sees the pending person. */
export const device = { sees: 'pending', kind: 'possession', channel: 'device', amr: 'otp', fields: ['code'] } as const

/** Options for `texts()`. */
export const texting = { sees: 'pending', kind: 'possession', channel: 'phone', amr: 'sms', fields: ['code'], challenge: { action: 'send' } } as const

export interface Sent { readonly to: string, readonly action: unknown, readonly details: unknown, readonly challenge: unknown }

/**
 * A factor with a challenge, in the manner of passport-sms-otp: `action: 'send'` sends to the person's number, or to the one in the body, and the
 * code is `code of <challenge>` for the challenge that is given back.
 */
export function texts(name = 'text', users: Record<string, Person> = people()) {
  const sent: Sent[] = []
  const verified: unknown[] = []
  const strategy = new Scripted(name, function (req, options) {
    const to = (req.user as Person | undefined)?.phone ?? req.body?.phone
    if (options.action === 'send') {
      sent.push({ to, action: options.action, details: options.details, challenge: options.challenge })
      return (this.pass as (info: unknown) => void)({ challenge: `${name} ${sent.length}`, public: { to: `…${to.slice(-3)}`, attemptsLeft: 5 } })
    }
    verified.push(options.challenge)
    if (typeof options.challenge !== 'string' || req.body?.code !== `code of ${options.challenge}`) {
      return this.fail({ code: 'code_wrong', message: 'That code is not right.', attemptsLeft: 4 } as never, 401)
    }
    this.success(req.user ?? Object.values(users).find((user) => user.phone === sent.at(-1)?.to))
  })
  return { strategy, sent, verified }
}

/** The state that a redirect left with: the one of multistep, in the place of the strategy's. */
export const stateIn = (url: string): string => new URL(url).searchParams.get('state') ?? ''

/** An address of `operator()` with a state of multistep. */
export const away = /^https:\/\/operator\.example\/authorize\?state=[\w-]{22}$/

/** Sends the browser to another site, and takes the user who comes back with `?code=<user name>`. */
export const operator = (name = 'operator', users: Record<string, Person> = people()) => new Scripted(name, function (req) {
  const user = users[req.query.code]
  if (user) this.success(user)
  else this.redirect('https://operator.example/authorize?state=s1')
})
