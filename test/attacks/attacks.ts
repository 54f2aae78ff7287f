import type { Attack } from './attack.js'
import { Client, wrong, type Target } from './target.js'

const attempts = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }

/** Guesses, and then the right code: an attacker who is in has got past the limit. */
async function guessThenRight(target: Target, guess: (client: Client, code: string) => Promise<unknown>): Promise<boolean> {
  const client = new Client(target)
  const code = await client.begin()
  await guess(client, code)
  await client.post(target.second((await target.codes(target.victim)).at(-1)))
  return client.isIn()
}

/** Whether this login works at all: an attack on what is broken proves nothing. */
export async function isSound(target: Target): Promise<boolean> {
  const client = new Client(target)
  if (await client.isIn()) return false
  await client.logIn()
  return client.isIn()
}

export const attacks: readonly Attack<Target>[] = [
  {
    id: 'F-01',
    hole: 'the password alone opens a guarded page',
    async succeeds(target) {
      const client = new Client(target)
      await client.post(target.first(target.victim))
      return client.isIn()
    },
  },
  {
    id: 'F-04',
    hole: 'the second step can be taken without the first',
    async succeeds(target) {
      const [victim, attacker] = [new Client(target), new Client(target)]
      const code = await victim.begin()
      const { path } = target.second(code)
      for (const call of [target.second(code), target.second(''), target.second(null), { path, body: {} }]) {
        if ((await attacker.post(call)).status < 400) return true
      }
      return attacker.isIn()
    },
  },
  {
    id: 'F-08',
    hole: 'the client can say that it has passed',
    async succeeds(target) {
      const client = new Client(target)
      await client.begin()
      const { path, body } = target.second('')
      const claims = { step: 3, next: 'done', otpVerified: true, verified: true, mfa: true, steps: [], amr: ['mfa'], user: target.victim.username, isAuthenticated: true }
      await client.post({ path, body: { ...body, ...claims } })
      await client.call('GET', `${target.guarded}?${new URLSearchParams({ otpVerified: 'true', step: '3' }).toString()}`)
      return client.isIn()
    },
  },
  {
    id: 'F-11',
    hole: 'another person\'s first factor in between switches whose login is finished',
    async succeeds(target) {
      const client = new Client(target)
      const own = await client.begin(await target.other())
      await client.post(target.first(target.victim))
      await client.post(target.second(own))
      return client.isIn()
    },
  },
  {
    id: 'O-03',
    hole: 'a code works again after it was used',
    async succeeds(target) {
      const client = new Client(target)
      const code = await client.logIn()
      const again = new Client(target)
      await again.post(target.first(target.victim))
      await again.post(target.second(code))
      return again.isIn()
    },
  },
  {
    id: 'O-03 same session',
    hole: 'a code works again in the session that it logged in and out',
    async succeeds(target) {
      const client = new Client(target)
      const code = await client.begin()
      const before = client.copy()
      await client.post(target.second(code))
      if (!await client.isIn()) return false
      await before.post(target.second(code))
      return before.isIn()
    },
  },
  {
    id: 'O-04',
    hole: 'guesses at the same moment are not limited',
    succeeds: (target) => guessThenRight(target, (client, code) =>
      Promise.all(attempts(60).map((turn) => client.copy().post(target.second(wrong(code, turn)))))),
  },
  {
    id: 'O-04 in turn',
    hole: 'guesses one after the other are not limited',
    succeeds: (target) => guessThenRight(target, async (client, code) => {
      for (const turn of attempts(12)) await client.post(target.second(wrong(code, turn)))
    }),
  },
  {
    id: 'O-06',
    hole: 'every new login gives new guesses without end',
    async succeeds(target) {
      for (const round of attempts(8)) {
        const client = new Client(target)
        const code = await client.begin()
        for (const turn of attempts(4)) await client.post(target.second(wrong(code, round * 10 + turn)))
      }
      const client = new Client(target)
      await client.post(target.second(await client.begin()))
      return client.isIn()
    },
  },
  {
    id: 'O-07',
    hole: 'asking for the code again gives new guesses',
    succeeds: (target) => guessThenRight(target, async (client, code) => {
      for (const round of attempts(4)) {
        for (const turn of attempts(4)) await client.post(target.second(wrong(code, round * 10 + turn)))
        await client.post(target.send)
      }
    }),
  },
  {
    id: 'O-05',
    hole: 'one code at the same moment logs in more than once',
    async succeeds(target) {
      const client = new Client(target)
      const code = await client.begin()
      const copies = attempts(20).map(() => client.copy())
      await Promise.all(copies.map((copy) => copy.post(target.second(code))))
      const inside = await Promise.all(copies.map((copy) => copy.isIn()))
      const sessions = new Set(copies.filter((_, index) => inside[index]).map(({ jar }) => jar))
      return sessions.size > 1
    },
  },
  {
    id: 'O-11',
    hole: 'the code of another account is taken',
    async succeeds(target) {
      const [own, client] = [new Client(target), new Client(target)]
      const code = await own.begin(await target.other())
      await client.begin(target.victim)
      await client.post(target.second(code))
      return client.isIn()
    },
  },
  {
    id: 'R-13',
    hole: 'a code in a URL is taken',
    async succeeds(target) {
      const client = new Client(target)
      const code = await client.begin()
      const { path } = target.second(code)
      await client.call('GET', `${path}?${target.codeField}=${code}`)
      await client.call('POST', `${path}?${target.codeField}=${code}`, { body: '{}', headers: { 'content-type': 'application/json' } })
      return client.isIn()
    },
  },
  {
    id: 'I-01 to I-05',
    hole: 'input of another kind than text gets in, or breaks the server',
    async succeeds(target) {
      const client = new Client(target)
      const code = await client.begin()
      const kinds: unknown[] = [[code], [[code]], { $ne: null }, { $gt: '' }, { length: 6 }, { toString: 'x' }, null, true, { [code]: true }]
      const answers = []
      for (const kind of kinds) answers.push(await client.post(target.second(kind)))
      return answers.some(({ status }) => status >= 500) || client.isIn()
    },
  },
  {
    id: 'S-15',
    hole: 'a link or a prefetch sends a text',
    async succeeds(target) {
      const client = new Client(target)
      await client.begin()
      const before = (await target.codes(target.victim)).length
      for (const method of ['GET', 'HEAD']) await client.call(method, target.send.path, { headers: { 'sec-purpose': 'prefetch' } })
      return (await target.codes(target.victim)).length > before
    },
  },
  {
    id: 'S-01',
    hole: 'asking for the code at the same moment sends as many texts',
    async succeeds(target) {
      const client = new Client(target)
      await client.begin()
      const before = (await target.codes(target.victim)).length
      await Promise.all(attempts(10).map(() => client.copy().post(target.send)))
      return (await target.codes(target.victim)).length - before > 1
    },
  },
  {
    id: 'R-23',
    hole: 'the client can say which number gets the code',
    async succeeds(target) {
      const client = new Client(target)
      await client.post(target.first(target.victim))
      const before = (await target.codes(target.victim)).length
      const stolen = { phone: '+447400999999', to: '+447400999999', number: '+447400999999' }
      await client.post({ path: target.send.path, body: { ...target.send.body, ...stolen } })
      const answer = await client.post({ path: target.send.path, body: { ...target.send.body, ...stolen } })
      const elsewhere = (await target.codes({ username: stolen.phone, password: '' })).length
      return elsewhere > 0 || (answer.status === 200 && (await target.codes(target.victim)).length === before && /999/.test(answer.text))
    },
  },
  {
    id: 'P-01',
    hole: 'the login keeps the session that another person had planted',
    async succeeds(target) {
      const attacker = new Client(target)
      // Whatever gives a visitor a session: a page, or a first try.
      await attacker.call('GET', target.loginPage, { headers: { accept: 'text/html' } })
      await attacker.post(target.first(await target.other()))
      const victim = attacker.copy()
      await victim.logIn()
      return await victim.isIn() && attacker.isIn()
    },
  },
  {
    id: 'P-03',
    hole: 'a copy of the cookie is still logged in after logging out',
    async succeeds(target) {
      const client = new Client(target)
      await client.logIn()
      const copy = client.copy()
      await client.post({ path: target.logout, body: {} })
      return copy.isIn()
    },
  },
  {
    id: 'R-57',
    hole: 'the answer tells which accounts exist',
    async succeeds(target) {
      const known = await new Client(target).post(target.first({ ...target.victim, password: 'wrong' }))
      const unknown = await new Client(target).post(target.first({ username: 'nobody-of-that-name', password: 'wrong' }))
      return known.status !== unknown.status || known.text !== unknown.text
    },
  },
  {
    id: 'R-05',
    hole: 'a password may be guessed without end',
    async succeeds(target) {
      for (const turn of attempts(30)) await new Client(target).post(target.first({ ...target.victim, password: `guess ${turn}` }), { 'x-forwarded-for': `10.0.0.${turn}` })
      const answer = await new Client(target).post(target.first(target.victim), { 'x-forwarded-for': '10.0.1.1' })
      return answer.status < 400
    },
  },
  {
    id: 'R-55',
    hole: 'a browser or a proxy may keep the pages of a login',
    async succeeds(target) {
      const { headers } = await new Client(target).call('GET', target.loginPage, { headers: { accept: 'text/html' } })
      return !/no-store/.test(headers.get('cache-control') ?? '')
    },
  },
  {
    id: 'W-01',
    hole: 'after the login the browser is sent to another site',
    async succeeds(target) {
      for (const elsewhere of ['https://evil.example/', '//evil.example/', '/\\evil.example/', '/%5cevil.example', 'javascript:alert(1)', '/\t/evil.example']) {
        const client = new Client(target)
        await client.call('GET', `${target.loginPage}?${new URLSearchParams({ [target.returnTo]: elsewhere }).toString()}`, { headers: { accept: 'text/html' } })
        const code = await client.begin()
        if (code === '') return false
        const { headers } = await client.form(target.second(code), { 'sec-fetch-site': 'same-origin' })
        const location = headers.get('location')
        if (location !== null && new URL(location, target.url).origin !== new URL(target.url).origin) return true
      }
      return false
    },
  },
  {
    id: 'W-09',
    hole: 'a page of another site can take the steps',
    async succeeds(target) {
      const client = new Client(target)
      const first = await client.form(target.first(target.victim), foreign)
      const pending = new Client(target)
      const code = await pending.begin()
      await pending.form(target.second(code), foreign)
      return first.status < 400 || pending.isIn()
    },
  },
  {
    id: 'W-17',
    hole: 'the pages of a login can be framed',
    async succeeds(target) {
      const { headers } = await new Client(target).call('GET', target.loginPage, { headers: { accept: 'text/html' } })
      return !/frame-ancestors '(none|self)'/.test(headers.get('content-security-policy') ?? '') && !/^(deny|sameorigin)$/i.test(headers.get('x-frame-options') ?? '')
    },
  },
  {
    id: 'W-14',
    hole: 'the code, or the whole number, is in an answer',
    async succeeds(target) {
      const client = new Client(target)
      await client.post(target.first(target.victim))
      const sent = await client.post(target.send)
      const page = await client.call('GET', target.loginPage, { headers: { accept: 'text/html' } })
      const code = (await target.codes(target.victim)).at(-1) ?? ''
      const told = sent.text + page.text
      return (code !== '' && told.includes(code)) || /\+\d{10,}/.test(told)
    },
  },
]
