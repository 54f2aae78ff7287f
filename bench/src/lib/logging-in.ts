import type { Child } from './children.js'
import { Client } from './client.js'
import { counted, inParallel, type Side } from './measure.js'
import { userOf } from './people.js'

const width = 8

/** How a program's people log in: what they post first, by what name their code is known, and what they post then. */
export interface Way {
  first(client: Client, name: string): Promise<unknown>
  addressOf(name: string): string
  then(client: Client, code: string): Promise<unknown>
}

/** The two posts of everybody but better-auth. */
export const twoPosts: Way = {
  first: (client, name) => client.post('/login/local', { username: name, password: 'right' }),
  addressOf: (name) => userOf(name).phone,
  then: async (client, code) => {
    const done = await client.post('/login/sms-otp', { code })
    if (done.status !== 'complete') throw new Error('not logged in')
  },
}

/** better-auth has a post of its own for the text. It takes posts of its own pages only, as the browser says. */
export const threePosts: Way = {
  first: async (client, name) => {
    const origin = { origin: client.url }
    const body = { email: `${name}@people.example`, password: 'right right' }
    const { twoFactorRedirect } = await client.post('/api/auth/sign-in/email', body, origin)
    if (twoFactorRedirect !== true) throw new Error('not asked for a second factor')
    await client.post('/api/auth/two-factor/send-otp', {}, origin)
  },
  addressOf: (name) => `${name}@people.example`,
  then: async (client, code) => {
    const { token } = await client.post('/api/auth/two-factor/verify-otp', { code }, { origin: client.url })
    if (typeof token !== 'string') throw new Error('not logged in')
  },
}

/**
 * So many whole logins: all of their passwords, then all of their codes. In between, the codes come from the program in
 * one message, which is in no measurement that matters.
 */
export async function logInMany(child: Child, people: Iterable<string>, way: Way = twoPosts): Promise<void> {
  const url = await child.ask<string>('url')
  const visits = [...people].map((name) => ({ name, client: new Client(url) }))
  await inParallel(visits.length, width, async (index) => {
    const { name, client } = visits[index - 1]!
    await way.first(client, name)
  })
  const codes = await child.ask<Record<string, string>>('codes')
  await inParallel(visits.length, width, async (index) => {
    const { name, client } = visits[index - 1]!
    await way.then(client, codes[way.addressOf(name)] ?? '')
  })
}

/** Names that no earlier login had; or, where there are only so many people, that the fewest had. */
export function strangers(most = Number.POSITIVE_INFINITY): (count: number) => string[] {
  let people = 0
  return (count) => Array.from({ length: count }, () => {
    people = people % most + 1
    return `user${people}`
  })
}

export function loggingIn(name: string, child: Child, times: number): Side {
  const next = strangers()
  return counted(name, child, times, (count) => logInMany(child, next(count)))
}

export async function loggingInToBetterAuth(name: string, child: Child, times: number): Promise<Side> {
  const next = strangers(await child.ask<number>('people'))
  return counted(name, child, times, (count) => logInMany(child, next(count), threePosts))
}
