import express, { type RequestHandler } from 'express'
import { browser, buildApp, pin, Scripted, type Setup } from '../support/app.js'
import { device, operator, stateIn, texting, texts } from '../support/factors.js'
import { listening } from '../support/network.js'

/** body-parser 1, as in Express 4: what was not parsed is `{}`. */
const express4: RequestHandler[] = [express.urlencoded({ extended: true, limit: '5mb' }), express.json({ limit: '5mb' }), (req, _res, next) => {
  req.body ??= {}
  next()
}]
const express5: RequestHandler[] = [express.urlencoded({ extended: false, limit: '5mb' }), express.json({ limit: '5mb' })]

function setup(parsers: RequestHandler[] = express5, more: Partial<Setup<'local' | 'pin'>> = {}) {
  const strategy = pin()
  const built = buildApp({ strategies: [strategy], parsers, ...more, options: { steps: ['local', 'pin'], factors: { pin: device } } })
  return { ...built, strategy, ada: browser(built.app) }
}

const megabyte = 'x'.repeat(1_000_000)
const shapes: [string, unknown][] = [
  ['an array', ['ada']], ['a number', 246810], ['zero', 0], ['true', true], ['null', null], ['an object', { $ne: null }], ['an object with a length', { length: 6 }],
  ['an object with toString', { toString: 'x' }], ['a number too large', 1e308 * 10],
]

describe.each([['Express 5', express5], ['Express 4', express4]])('bodies as %s leaves them', (_version, parsers) => {
  describe('local', () => {
    it.each(shapes)('local refuses %s for the user name or the password with 400 (R-11, I-01 … I-05)', async (_name, value) => {
      const { ada } = setup(parsers)
      for (const body of [{ username: value, password: 'lovelace-1815' }, { username: 'ada', password: value }]) {
        const response = await ada.post('/login/local', body)
        expect([response.status, response.body.code]).toEqual([400, 'factor_failed'])
      }
      expect((await ada.who()).authenticated).toBe(false)
    })

    it.each([['nothing', {}], ['an empty name', { username: '', password: 'x' }], ['no password', { username: 'ada' }]])('local refuses %s with 400', async (_name, body) => {
      expect((await setup(parsers).ada.post('/login/local', body)).status).toBe(400)
    })

    it('local refuses a post without a body', async () => {
      const response = await setup(parsers).ada.agent.post('/login/local').set('Sec-Fetch-Site', 'same-origin')
      expect([response.status, response.body.code]).toEqual([400, 'factor_failed'])
    })

    it('local refuses a megabyte as it would any wrong name', async () => {
      const { ada } = setup(parsers)
      expect((await ada.post('/login/local', { username: megabyte, password: megabyte })).status).toBe(401)
    })

    it.each(['username=ada&username=ada&password=lovelace-1815', 'username[$ne]=x&password=lovelace-1815', 'username=ada&password[]=lovelace-1815'])('local refuses the form %s (I-02, I-03)', async (form) => {
      const { ada } = setup(parsers)
      const response = await ada.agent.post('/login/local').set('Sec-Fetch-Site', 'same-origin').type('form').send(form)
      expect(response.status).toBe(400)
    })

    it('local takes the last of two equal JSON keys, once (I-14)', async () => {
      const { ada } = setup(parsers)
      const response = await ada.agent.post('/login/local').type('json').send('{"username":"grace","username":"ada","password":"lovelace-1815"}')
      expect(response.body.status).toBe('pending')
      expect((await ada.post('/login/pin', { code: '246810' })).body.status).toBe('complete')
      expect((await ada.who()).user).toBe('u1')
    })
  })

  describe('a factor of the app\'s own', () => {
    it.each(shapes)('a factor of the app\'s own never sees %s in one of its fields (I-01 … I-05)', async (_name, value) => {
      const { ada, strategy } = setup(parsers)
      await ada.password()
      const response = await ada.post('/login/pin', { code: value })
      expect([response.status, response.body.code, strategy.runs]).toEqual([400, 'factor_failed', 0])
    })

    it('a factor of the app\'s own sees a missing field and a megabyte, and answers as it likes', async () => {
      const { ada, strategy } = setup(parsers)
      await ada.password()
      expect((await ada.post('/login/pin', {})).status).toBe(401)
      expect((await ada.post('/login/pin', { code: megabyte })).status).toBe(401)
      expect(strategy.runs).toBe(2)
    })
  })

  it.each(['__proto__', 'constructor', 'prototype'])('the key %s in a body changes nothing (I-07)', async (key) => {
    const { ada } = setup(parsers)
    const payload = `{"${key}":{"username":"ada","password":"lovelace-1815","code":"246810","polluted":true},"carried":1}`
    for (const path of ['/login/local', '/login/pin', '/login/cancel', '/logout']) await ada.agent.post(path).type('json').send(payload)
    await ada.password()
    const response = await ada.agent.post('/login/pin').type('json').send(payload)
    expect(response.status).toBe(401)
    expect(({} as any).polluted).toBeUndefined()
    expect((await ada.who()).authenticated).toBe(false)
  })

  it.each(['[]', '[{"username":"ada","password":"lovelace-1815"}]'])('the JSON array %s is refused with 415 body_unreadable (I-06)', async (body) => {
    const { ada } = setup(parsers)
    const response = await ada.agent.post('/login/local').type('json').send(body)
    expect([response.status, response.body.code]).toEqual([415, 'body_unreadable'])
  })

  it.each(['text/plain', 'application/xml', 'application/octet-stream', 'text/json', 'application/jsonp'])('a body of type %s is refused with 415 body_unreadable (I-06)', async (type) => {
    const { ada, strategy } = setup(parsers)
    await ada.password()
    const response = await ada.agent.post('/login/pin').set('Sec-Fetch-Site', 'same-origin').set('Content-Type', type).send('{"code":"246810"}')
    expect([response.status, response.body.code, strategy.runs]).toEqual([415, 'body_unreadable', 0])
  })

  it('a body without a type is refused with 415', async () => {
    const server = await listening(setup(parsers).app)
    const response = await fetch(`${server.url}/login/local`, { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-origin' }, body: Buffer.from('username=ada') })
    await server.close()
    expect(response.status).toBe(415)
  })
})

describe('what nothing has parsed', () => {
  it.each(['application/json', 'application/x-www-form-urlencoded'])('a body of type %s that no parser has read is a 500 that says which lines are missing (I-06)', async (type) => {
    const { ada, strategy } = setup([])
    const response = await ada.agent.post('/login/local').set('Sec-Fetch-Site', 'same-origin').set('Content-Type', type).send('{}')
    expect([response.status, response.body.code, strategy.runs]).toEqual([500, 'misconfigured', 0])
    expect(response.body.detail).toContain('app.use(express.urlencoded({ extended: false }))')
    expect(response.body.detail).toContain('app.use(express.json())')
  })

  it('a body of a type that no mounted parser reads is the client\'s mistake: 415', async () => {
    const { ada } = setup()
    const form = await ada.agent.post('/login/local').set('Sec-Fetch-Site', 'same-origin').field('username', 'ada').field('password', 'lovelace-1815')
    expect([form.status, form.body.code]).toEqual([415, 'body_unreadable'])
    const json = await ada.agent.post('/login/local').set('Content-Type', 'application/ld+json').set('Sec-Fetch-Site', 'same-origin').send('{}')
    expect([json.status, json.body.code]).toEqual([415, 'body_unreadable'])
  })

  it('a multipart form is taken from the app\'s own parser', async () => {
    const { ada } = setup([(req, _res, next) => {
      req.body = { username: 'ada', password: 'lovelace-1815' }
      next()
    }])
    const response = await ada.agent.post('/login/local').set('Sec-Fetch-Site', 'same-origin').field('username', 'ada')
    expect(response.body.status).toBe('pending')
  })

  it.each(['a string', 17])('a body that a parser left as %j is refused with 415', async (body) => {
    const { ada } = setup([(req, _res, next) => {
      req.body = body
      next()
    }])
    expect((await ada.post('/login/local', { any: 1 })).status).toBe(415)
  })

  it('a post without a body is answered, though no parser is mounted', async () => {
    const { ada } = setup([])
    const response = await ada.agent.post('/login/local').set('Sec-Fetch-Site', 'same-origin')
    expect(response.status).toBe(400)
  })
})

describe('a strategy that checks its input itself (lockout: \'own\')', () => {
  it('a strategy that checks its input itself gets it as it came', async () => {
    const codes: unknown[] = []
    const own = new Scripted('own', function (req) { codes.push(req.body.code); this.fail({ code: 'code_malformed' } as never, 400) })
    const { app } = buildApp({ strategies: [own], options: { steps: ['local', 'own'], factors: { own: { ...device, lockout: 'own' } } } })
    const ada = browser(app)
    await ada.password()
    expect((await ada.post('/login/own', { code: ['1'] })).body.code).toBe('code_malformed')
    expect(codes).toEqual([['1']])
  })
})

describe('only POST takes a step (R-13, S-15, W-18 at router)', () => {
  const methods = ['get', 'head', 'put', 'patch', 'delete', 'options', 'trace'] as const

  it.each(methods)('the method %s runs no factor, sends nothing and changes nothing', async (method) => {
    const text = texts()
    const device2 = pin()
    const { app } = buildApp({ strategies: [device2, text.strategy], options: { steps: ['local', 'text', 'pin'], factors: { text: { ...texting, challengeOnEntry: false }, pin: device } } })
    const ada = browser(app)
    await ada.password()
    const before = (await ada.get('/login')).body
    for (const path of ['/login/local', '/login/text', '/login/text/challenge', '/login/pin', '/login/cancel', '/logout']) {
      const response = await ada.agent[method](`${path}?code=246810`).set('X-HTTP-Method-Override', 'POST').set('Sec-Purpose', 'prefetch')
      // `/logout` is mounted with `app.post` and answered by Express itself.
      if (path !== '/logout') expect([path, response.status, response.headers.allow]).toEqual([path, 405, 'POST'])
    }
    expect([text.sent, text.verified, text.strategy.runs, device2.runs]).toEqual([[], [], 0, 0])
    expect((await ada.get('/login')).body).toEqual(before)
  })

  it.each(methods)('the method %s is refused by a route mounted by hand for every method (W-18 at hand-mounted)', async (method) => {
    const text = texts()
    const { app } = buildApp({ router: false, strategies: [text.strategy], options: { steps: ['local', 'text'], factors: { text: { ...texting, challengeOnEntry: false } } }, routes: (host, login) => {
      host.use('/hand/local', login.authenticate('local') as any)
      host.use('/hand/send', login.challenge('text') as any)
      host.use('/hand/text', login.authenticate('text') as any)
      host.use('/hand/cancel', login.cancel() as any)
      host.use('/hand/logout', login.logout() as any)
    } })
    const ada = browser(app)
    await ada.post('/hand/local', { username: 'ada', password: 'lovelace-1815' })
    for (const path of ['local', 'send', 'text', 'cancel', 'logout']) {
      const response = await ada.agent[method](`/hand/${path}`).query({ username: 'ada', password: 'lovelace-1815' })
      expect([path, response.status, response.headers.allow, response.headers['cache-control']]).toEqual([path, 405, 'POST', 'no-store'])
      if (method === 'get') expect(response.body.code).toBe('method_not_allowed')
    }
    expect(text.strategy.runs).toBe(0)
    expect((await ada.post('/hand/send')).body.status).toBe('pending')
  })

  it('a GET, but not a HEAD, reaches a factor that redirects', async () => {
    const away = operator()
    const { app } = buildApp({ strategies: [away], options: { steps: ['operator'], factors: { operator: { redirects: true, challenge: { action: 'begin' } } } } })
    const ada = browser(app)
    for (const path of ['/login/operator', '/login/operator/callback', '/login/operator/callback/a']) {
      const response = await ada.agent.head(`${path}?code=ada`)
      expect([response.status, response.headers.allow]).toEqual([405, 'GET, POST'])
    }
    expect((await ada.get('/login/operator/challenge')).status).toBe(405)
    expect(away.runs).toBe(0)
    const { body } = await ada.post('/login/operator')
    expect((await ada.get(`/login/operator/callback/a?code=ada&state=${stateIn(body.url)}`)).body.status).toBe('complete')
  })
})

describe('the query', () => {
  it('the query is empty for a factor that does not redirect: a code in it is ignored (I-12, R-13)', async () => {
    const queries: unknown[] = []
    const looks = new Scripted('pin', function (req) {
      queries.push(req.query)
      if ((req.body?.code ?? req.query.code) === '246810') this.success(req.user)
      else this.fail(undefined as never)
    })
    const { app } = buildApp({ strategies: [looks], options: { steps: ['local', 'pin'], factors: { pin: device } } })
    const ada = browser(app)
    await ada.password()
    expect((await ada.post('/login/pin?code=246810')).status).toBe(401)
    expect((await ada.post('/login/pin?code=246810', { code: '0' })).status).toBe(401)
    expect((await ada.post('/login/pin?code=0', { code: '246810' })).body.status).toBe('complete')
    expect(queries).toEqual([{}, {}, {}])
  })

  it('a user name and a password in the query are ignored by local (I-12, I-13)', async () => {
    const { ada } = setup()
    expect((await ada.post('/login/local?username=ada&password=lovelace-1815')).status).toBe(400)
    expect((await ada.post('/login/local?username=ada&password=lovelace-1815', { username: 'ada', password: 'x' })).status).toBe(401)
  })
})
