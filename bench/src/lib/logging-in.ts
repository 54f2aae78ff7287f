import type { Child } from './children.js'
import { Client } from './client.js'
import { counted, inParallel, type Side } from './measure.js'
import { userOf } from './people.js'

const width = 8

/**
 * So many whole logins, each by a person of its own: all of their passwords, then all of their codes. In between, the codes come from the program
 * in one message.
 */
export async function logInMany(child: Child, people: Iterable<string>): Promise<void> {
  const url = await child.ask<string>('url')
  const visits = [...people].map((name) => ({ name, client: new Client(url) }))
  await inParallel(visits.length, width, async (index) => {
    const { name, client } = visits[index - 1]!
    await client.post('/login/local', { username: name, password: 'right' })
  })
  const codes = await child.ask<Record<string, string>>('codes')
  await inParallel(visits.length, width, async (index) => {
    const { name, client } = visits[index - 1]!
    const done = await client.post('/login/sms-otp', { code: codes[userOf(name).phone] ?? '' })
    if (done.status !== 'complete') throw new Error('not logged in')
  })
}

/** Names that no earlier login had. */
export function strangers(): (count: number) => string[] {
  let people = 0
  return (count) => Array.from({ length: count }, () => {
    people += 1
    return `user${people}`
  })
}

export function loggingIn(name: string, child: Child, times: number): Side {
  const next = strangers()
  return counted(name, child, times, (count) => logInMany(child, next(count)))
}
