import { createApp } from '../../examples/src/app.js'
import { findHoles } from './attack.js'
import { attacks, isSound } from './attacks.js'
import { naiveApp, type Manner } from './naive-app.js'
import { serve } from './serve.js'
import { Client, type Account, type Target } from './target.js'

const ada = { username: 'ada', password: 'lovelace-1815' }
const grace = { username: 'grace', password: 'hopper-1906' }
const alan = { username: 'alan', password: 'turing-1912' }

/** The hand-written app, in one of its manners. */
const naive = (manner: Manner) => async (): Promise<Target> => {
  const { app, texts, people } = naiveApp(manner)
  const phoneOf = ({ username }: Account) => people.find(({ id }) => id === username)?.phone ?? username
  return {
    ...await serve(app),
    victim: ada,
    other: async () => alan,
    first: (account) => ({ path: '/login', body: { ...account } }),
    send: { path: '/send', body: {} },
    second: (code) => ({ path: '/verify', body: { code } }),
    codeField: 'code',
    guarded: '/account',
    logout: '/logout',
    loginPage: '/login',
    returnTo: 'next',
    codes: async (account) => texts.filter(({ to }) => to === phoneOf(account)).map(({ code }) => code),
  }
}

/** The example of this repository. */
async function example(): Promise<Target> {
  const { app, close } = await createApp()
  const server = await serve(app)
  const phones: Record<string, string> = { ada: '+447400123456', grace: '+447400123499' }
  const codes = async ({ username }: Account) => {
    const response = await fetch(`${server.url}/handset/messages?to=${encodeURIComponent(phones[username] ?? username)}`)
    return (await response.json() as { body: string }[]).map(({ body }) => /#(\d{6})$/.exec(body)![1]!)
  }
  const target: Target = {
    url: server.url,
    victim: ada,
    // Grace has no number before her first login.
    other: async () => {
      const client = new Client(target)
      await client.post(target.first(grace))
      await client.post({ path: '/login/sms-otp/challenge', body: { phone: phones.grace } })
      await client.post(target.second((await codes(grace)).at(-1)))
      return grace
    },
    first: (account) => ({ path: '/login/local', body: { ...account } }),
    send: { path: '/login/sms-otp/challenge', body: {} },
    second: (code) => ({ path: '/login/sms-otp', body: { code } }),
    codeField: 'code',
    guarded: '/account',
    logout: '/logout',
    loginPage: '/login',
    returnTo: 'returnTo',
    codes,
    close: async () => {
      await server.close()
      await close()
    },
  }
  return target
}

const manners: readonly Manner[] = ['logs in first', 'code in the session', 'code with the account']

describe.each([...manners.map((manner) => [`the hand-written app: ${manner}`, naive(manner)] as const), ['the example', example] as const])('%s', (_, open) => {
  it('people can log in to the attacked app, because attacks on what does not work would prove nothing', async () => {
    const target = await open()
    try {
      expect(await isSound(target)).toBe(true)
    } finally {
      await target.close()
    }
  })
})

describe('the attacks', () => {
  it('the attacks find every hole in a hand-written app, by name', async () => {
    const [first, session, account] = await Promise.all(manners.map((manner) => findHoles(naive(manner), attacks)))
    expect(first).toContain('F-01: the password alone opens a guarded page')
    // What one manner is spared, another has; what they share, both must show, or an attack proves nothing by failing.
    const only = (some: string[] = [], others: string[] = []) => some.filter((hole) => !others.includes(hole)).map((hole) => hole.split(':')[0])
    expect(only(session, account)).toEqual(['F-11', 'O-03 same session', 'P-01'])
    expect(only(account, session)).toEqual(['O-03', 'O-05'])
    expect(new Set([...first ?? [], ...session ?? [], ...account ?? []])).toEqual(new Set(attacks.map(({ id, hole }) => `${id}: ${hole}`)))
  })

  it.each(attacks.map((attack) => [attack.id, attack.hole, attack] as const))('the attack (%s) finds no such hole in the example: %s', async (_id, _hole, attack) => {
    expect(await findHoles(example, [attack])).toEqual([])
  })
})
