import { randomUUID } from 'node:crypto'
import { RedisStore } from 'connect-redis'
import type { RequestHandler } from 'express'
import { MemoryStore, type Store } from 'express-session'
import { MemoryFlowStore, RedisFlowStore, type FlowStore } from 'multistep'
import { MemoryChallengeStore, RedisChallengeStore, type ChallengeStore } from 'passport-sms-otp'
import { createClient } from 'redis'
import { describeWithRedis, sharedRedisUrl } from '../../test/support/redis.js'
import { floor, type Person } from '../src/floor.js'
import { Client, listen, type Answer, type Listening } from '../src/lib/client.js'

// The bench compares multistep with this server. The comparison is honest only while the server keeps these guarantees.

interface Stores {
  readonly sessions: Store
  readonly flows: FlowStore
  readonly challenges: ChallengeStore
  close(): Promise<void>
}

async function inMemory(): Promise<Stores> {
  return {
    sessions: new MemoryStore(), flows: new MemoryFlowStore(), challenges: new MemoryChallengeStore(),
    close: async () => {},
  }
}

async function onRedis(): Promise<Stores> {
  const prefix = `test:${randomUUID()}:`
  const client = createClient({ url: sharedRedisUrl()! })
  await client.on('error', () => {}).connect()
  return {
    sessions: new RedisStore({ client, prefix: `${prefix}session:` }),
    flows: new RedisFlowStore({ client, prefix: `${prefix}flow:` }),
    challenges: new RedisChallengeStore({ client, prefix: `${prefix}otp:` }),
    close: () => client.close(),
  }
}

const page: RequestHandler = (req, res) => void res.json({ person: (req.user as Person | undefined)?.id ?? null })

interface Served extends Stores {
  readonly people: Map<string, Person>
  readonly texts: { to: string, body: string, code: string }[]
  readonly listening: Listening
  browser(): Client
}

const open: Served[] = []
afterEach(async () => {
  for (const { listening, close } of open.splice(0)) {
    await listening.close()
    await close()
  }
})

type Changes = Partial<Pick<Parameters<typeof floor>[0], 'send' | 'flows' | 'sessions'>>

/** A server with people a, b and c, whose password is `right`. */
async function serve(create: () => Promise<Stores>, change: (stores: Stores) => Changes = () => ({})): Promise<Served> {
  const stores = await create()
  const names = ['a', 'b', 'c']
  const people = new Map(names.map((id, index) => [id, { id, phone: `+44740000000${index}` }]))
  const texts: Served['texts'] = []
  const { app, require } = floor({
    ...stores,
    secret: 'a secret of this test, long enough for a key',
    countries: ['GB'],
    signIn: (name, password) => (password === 'right' ? people.get(name.trim().toLowerCase()) : undefined),
    personOf: (id) => people.get(id),
    send: async (text) => { texts.push(text) },
    ...change(stores),
  })
  app.get('/open', page)
  app.get('/account', require(), page)
  app.get('/safe', require({ mfaWithin: 60_000 }), page)
  const listening = await listen(app)
  const served = { ...stores, people, texts, listening, browser: () => new Client(listening.url) }
  open.push(served)
  return served
}

const password = (browser: Client, username = 'a', word = 'right'): Promise<Answer> =>
  browser.send('POST', '/login/local', { username, password: word })

const code = (browser: Client, typed: unknown): Promise<Answer> =>
  browser.send('POST', '/login/sms-otp', { code: typed })

const other = (right: string): string => (right === '000000' ? '000001' : '000000')

/** A browser in which the person has proven both. */
async function loggedIn(served: Served, name = 'a'): Promise<Client> {
  const browser = served.browser()
  await password(browser, name)
  const done = await code(browser, served.texts.at(-1)!.code)
  expect(done).toMatchObject({ status: 200, body: { status: 'complete', amr: ['pwd', 'sms', 'mfa'] } })
  return browser
}

const statusOf = async (browser: Client, path: string): Promise<number> => (await browser.send('GET', path)).status

function guarantees(create: () => Promise<Stores>): void {
  it('the floor server lets a user in who has proven both factors, and nobody else', async () => {
    const served = await serve(create)
    const browser = await loggedIn(served)
    expect(await browser.send('GET', '/account')).toMatchObject({ status: 200, body: { person: 'a' } })
    expect(await statusOf(browser, '/safe')).toBe(200)
    expect(await statusOf(served.browser(), '/account')).toBe(401)
    expect(await statusOf(served.browser(), '/safe')).toBe(401)
  })

  it('the floor server takes a user for nobody between the password and the code', async () => {
    const served = await serve(create)
    const browser = served.browser()
    const first = await password(browser)
    expect(first).toMatchObject({ status: 200, body: { status: 'pending' } })
    expect(await browser.send('GET', '/open')).toMatchObject({ body: { person: null } })
    expect(await statusOf(browser, '/account')).toBe(401)
  })

  it('the floor server gives neither the code nor the whole number to the browser', async () => {
    const served = await serve(create)
    const { body } = await password(served.browser())
    const [{ code: texted, to }] = served.texts as [Served['texts'][number]]
    expect(JSON.stringify(body)).not.toContain(texted)
    expect(JSON.stringify(body)).not.toContain(to.slice(3, 9))
  })

  it('the floor server has no code before the password', async () => {
    const served = await serve(create)
    expect(await code(served.browser(), '123456')).toMatchObject({ status: 401, body: { code: 'login_required' } })
    expect(await password(served.browser(), 'a', 'wrong')).toMatchObject({ status: 401 })
    expect(served.texts).toHaveLength(0)
  })

  it('the floor server counts wrong passwords by name, in every spelling of it, whether it has an account or not', async () => {
    const served = await serve(create)
    for (const name of ['b', 'nobody']) {
      const spellings = [name, ` ${name}`, name.toUpperCase()]
      for (let tries = 0; tries < 10; tries += 1) await password(served.browser(), spellings[tries % 3], 'wrong')
      expect((await password(served.browser(), name)).status).toBe(429)
    }
    expect((await password(served.browser(), 'a')).status).toBe(200)
  })

  it('the floor server counts a code before it is tried: five of many wrong codes are tried, and the right one is late', async () => {
    const served = await serve(create)
    const browser = served.browser()
    await password(browser)
    const right = served.texts[0]!.code
    const tried = await Promise.all(Array.from({ length: 20 }, () => code(browser, other(right))))
    expect(tried.filter(({ body }) => body.code === 'code_wrong')).toHaveLength(5)
    expect(await code(browser, right)).toMatchObject({ status: 401, body: { code: 'code_exhausted' } })
    expect(await statusOf(browser, '/account')).toBe(401)
  })

  it('the floor server has one winner of many right codes at once', async () => {
    const served = await serve(create)
    const browser = served.browser()
    await password(browser)
    const right = served.texts[0]!.code
    const cookie = browser.cookie()
    const rivals = Array.from({ length: 20 }, () => served.browser())
    const headers = { cookie }
    const body = { code: right }
    const answers = await Promise.all(rivals.map((rival) => rival.send('POST', '/login/sms-otp', body, headers)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const inside = await Promise.all(rivals.map((rival) => statusOf(rival, '/account')))
    expect(inside.filter((status) => status === 200)).toHaveLength(1)
  })

  const noCodes: [unknown][] = [[123456], [['123456']], [{ length: 6 }], [''], ['12345'], ['1234567'], [null]]
  it.each(noCodes)('the floor server reads %j as no code', async (typed) => {
    const served = await serve(create)
    const browser = served.browser()
    await password(browser)
    expect(await code(browser, typed)).toMatchObject({ status: 400, body: { code: 'code_malformed' } })
    expect((await code(browser, served.texts[0]!.code)).status).toBe(200)
  })

  it('the floor server takes a code only from the browser that it belongs to', async () => {
    const served = await serve(create)
    const [mine, theirs] = [served.browser(), served.browser()]
    await password(mine, 'a')
    await password(theirs, 'b')
    const [ofA, ofB] = served.texts.map((text) => text.code) as [string, string]
    if (ofA !== ofB) expect((await code(mine, ofB)).status).toBe(401)
    expect((await code(theirs, ofB)).status).toBe(200)
    expect((await theirs.send('GET', '/account')).body).toEqual({ person: 'b' })
  })

  it('the floor server refuses a code once the account has another number, and once there is no account', async () => {
    const served = await serve(create)
    const [one, two] = [served.browser(), served.browser()]
    await password(one, 'a')
    await password(two, 'b')
    served.people.set('a', { id: 'a', phone: '+447400000009' })
    served.people.delete('b')
    expect((await code(one, served.texts[0]!.code)).status).toBe(401)
    expect((await code(two, served.texts[1]!.code)).status).toBe(401)
  })

  it('the floor server gives the session a new id at each step, and leaves the old session dead', async () => {
    const served = await serve(create)
    const browser = served.browser()
    await password(browser)
    const pending = browser.cookie()
    await password(browser, 'b')
    expect(browser.cookie()).not.toBe(pending)
    const between = browser.cookie()
    await code(browser, served.texts[1]!.code)
    expect(browser.cookie()).not.toBe(between)
    for (const old of [pending, between]) {
      const answer = await served.browser().send('GET', '/open', undefined, { cookie: old })
      expect(answer).toMatchObject({ status: 409 })
    }
  })

  it('the floor server ends a login whose record is gone, whatever its session says', async () => {
    const served = await serve(create)
    const browser = await loggedIn(served)
    const cookie = browser.cookie()
    await browser.send('POST', '/logout', {})
    expect(await statusOf(browser, '/account')).toBe(401)
    expect((await served.browser().send('GET', '/account', undefined, { cookie })).status).not.toBe(200)
  })

  it('the floor server refuses what comes from another site, and what is no JSON', async () => {
    const served = await serve(create)
    const browser = served.browser()
    const body = { username: 'a', password: 'right' }
    const crossing = [
      { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' }, { origin: 'null' },
    ]
    for (const headers of crossing) {
      const answer = await browser.send('POST', '/login/local', body, headers)
      expect(answer).toMatchObject({ status: 403, body: { code: 'cross_site' } })
    }
    const form = await fetch(`${served.listening.url}/login/local`, { method: 'POST', body: new URLSearchParams(body) })
    expect(form.status).toBe(403)
    expect((await browser.send('GET', '/login/local')).status).toBe(404)
    expect(served.texts).toHaveLength(0)
  })

  it('the floor server texts one user once in half a minute, and one number five times an hour', async () => {
    const served = await serve(create)
    expect((await password(served.browser())).status).toBe(200)
    expect(await password(served.browser())).toMatchObject({ status: 429, body: { code: 'send_throttled' } })
    for (let index = 1; index < 6; index += 1) {
      served.people.set(`twin${index}`, { id: `twin${index}`, phone: '+447400000000' })
      expect((await password(served.browser(), `twin${index}`)).status).toBe(index < 5 ? 200 : 429)
    }
    expect(served.texts).toHaveLength(5)
  })

  const untexted = ['+12125550100', '+442079460000', '+44900123456', '07400000000', 'tel:+447400000000']
  it.each(untexted)('the floor server texts nothing to %s', async (phone) => {
    const served = await serve(create)
    served.people.set('a', { id: 'a', phone })
    expect((await password(served.browser())).status).toBe(429)
    expect(served.texts).toHaveLength(0)
  })

  it('the floor server logs nobody in when the session store does not destroy the old session', async () => {
    const served = await serve(create, ({ sessions }) => {
      sessions.destroy = (_id: string, done?: (error?: unknown) => void) => done?.(new Error('down'))
      return {}
    })
    const browser = served.browser()
    await password(browser)
    expect((await code(browser, served.texts[0]!.code)).status).toBe(500)
    expect(await statusOf(browser, '/account')).toBe(401)
  })

  it('the floor server logs nobody in when the session store does not save', async () => {
    const served = await serve(create)
    const browser = served.browser()
    await password(browser)
    const down: Store['set'] = (_id, _session, done) => done?.(new Error('down'))
    served.sessions.set = down
    expect((await code(browser, served.texts[0]!.code)).status).toBe(500)
    // The old session is gone, and no new one came.
    expect(await statusOf(browser, '/account')).toBe(409)
    expect((await browser.send('GET', '/account', undefined, { cookie: '' })).status).toBe(401)
  })

  const operations = ['attempt', 'createFlow', 'readFlow', 'finishFlow'] as const
  it.each(operations)('the floor server logs nobody in when %s fails', async (operation) => {
    const served = await serve(create, ({ flows }) => {
      flows[operation] = async () => { throw new Error('down') }
      return {}
    })
    const browser = served.browser()
    const first = await password(browser)
    const second = first.status === 200 ? await code(browser, served.texts[0]!.code) : first
    expect(second.status).toBe(500)
    expect(await statusOf(browser, '/account')).toBe(401)
  })

  it('the floor server sends answers that neither browsers nor proxies keep', async () => {
    const served = await serve(create)
    const { headers } = await fetch(`${served.listening.url}/login/local`, {
      method: 'POST',
      body: JSON.stringify({ username: 'a', password: 'right' }),
      headers: { 'content-type': 'application/json' },
    })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('set-cookie')).toMatch(/HttpOnly/)
  })
}

describe('The floor server, in memory', () => guarantees(inMemory))
describeWithRedis('The floor server, on Redis', () => guarantees(onRedis))
