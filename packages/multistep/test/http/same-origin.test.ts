import request from 'supertest'
import { browser, buildApp, pin } from '../support/app.js'
import { device, operator, stateIn, texting, texts } from '../support/factors.js'

const right = { username: 'ada', password: 'lovelace-1815' }
const evil = { Origin: 'https://evil.example' }

function setup(options: object = {}) {
  const text = texts()
  const built = buildApp({ strategies: [text.strategy], options: { steps: ['local', 'text'], factors: { text: { ...texting, challengeOnEntry: false } }, ...options } })
  return { ...built, text, ada: browser(built.app) }
}

/** A form posted as browsers do, with these headers. */
const posting = (app: Parameters<typeof request>[0], headers: Record<string, string>, body: object = right) => request(app).post('/login/local').set(headers).type('form').send(body)

describe('a form is taken (R-53)', () => {
  it.each([
    ['its own page', { 'Sec-Fetch-Site': 'same-origin' }],
    ['the address bar', { 'Sec-Fetch-Site': 'none' }],
    ['its own page, behind a proxy that changed the Host', { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://app.example' }],
    ['an Origin with the host of Host', { Origin: 'https://app.example', Host: 'app.example' }],
    ['an Origin with the host and port of Host', { Origin: 'http://app.example:8080', Host: 'APP.example:8080' }],
  ])('a form is taken from %s', async (_title, headers) => {
    expect((await posting(setup().app, headers)).status).toBe(200)
  })

  it('a form is taken from an origin of the option origins', async () => {
    const { app } = setup({ origins: ['https://shop.example', 'http://localhost:5173'] })
    for (const headers of [{ Origin: 'https://shop.example' }, { Origin: 'http://localhost:5173', 'Sec-Fetch-Site': 'cross-site' }]) {
      expect((await posting(app, headers)).status).toBe(200)
    }
  })
})

describe('a form is refused with cross_site (R-53, W-09)', () => {
  it.each([
    ['another site, as the browser says', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a sister of this host', { 'Sec-Fetch-Site': 'same-site' }],
    ['another Origin', evil],
    ['an Origin that is null', { Origin: 'null' }],
    ['an Origin of another port', { Origin: 'https://app.example:444', Host: 'app.example' }],
    ['an Origin that merely begins like the Host', { Origin: 'https://app.example.evil.example', Host: 'app.example' }],
    ['an Origin that merely ends like the Host', { Origin: 'https://evil-app.example', Host: 'app.example' }],
    ['an Origin with the Host as its user', { Origin: 'https://app.example@evil.example', Host: 'app.example' }],
    ['an Origin that is no URL', { Origin: 'app.example', Host: 'app.example' }],
    ['nowhere at all', {}],
    ['nowhere but a Referer', { Referer: 'http://127.0.0.1/login' }],
    ['a forwarded host', { Origin: 'https://evil.example', 'X-Forwarded-Host': 'evil.example' }],
    ['an origin that only resembles one of origins', { Origin: 'https://shop.example.evil.example' }],
    ['one of origins over http', { Origin: 'http://shop.example' }],
  ] as [string, Record<string, string>][])('a form from %s is refused', async (_title, headers) => {
    const { app } = setup({ origins: ['https://shop.example'] })
    const response = await posting(app, headers)
    expect([response.status, response.body.code]).toEqual([403, 'cross_site'])
    expect(response.headers['set-cookie']).toBeUndefined()
  })

  it('a browser that posts a foreign form gets a page of its own for the refusal', async () => {
    const response = await posting(setup().app, { ...evil, Accept: 'text/html' })
    expect([response.status, response.headers['content-type'], response.headers['cache-control']]).toEqual([403, 'text/html; charset=utf-8', 'no-store'])
  })

  it.each(['/login/local', '/login/text', '/login/text/challenge', '/login/cancel', '/logout'])('a foreign form is refused on %s, where it changes nothing (W-09)', async (path) => {
    const { ada, text } = setup()
    await ada.password()
    const before = (await ada.get('/login')).body
    for (const headers of [evil, { 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'null' }]) {
      const response = await ada.agent.post(path).set(headers).type('form').send({ username: 'grace', password: 'hopper-1906', code: 'code of text 1' })
      expect([response.status, response.body.code]).toEqual([403, 'cross_site'])
    }
    expect(text.strategy.runs).toBe(0)
    expect((await ada.get('/login')).body).toEqual(before)
  })

  it('a foreign form is refused on logout, and the login stays', async () => {
    const { app } = buildApp({ options: { steps: ['local'] } })
    const ada = browser(app)
    await ada.password()
    expect((await ada.agent.post('/logout').set(evil)).status).toBe(403)
    expect((await ada.who()).authenticated).toBe(true)
  })

  it('a foreign form cannot bring the browser into another user\'s login (W-10)', async () => {
    const { ada } = setup()
    await ada.agent.post('/login/local').set({ ...evil, Accept: 'text/html' }).type('form').send(right)
    expect((await ada.get('/login')).body.status).toBe('anonymous')
  })
})

describe('JSON', () => {
  it('JSON is taken from a client that does not say where it comes from', async () => {
    expect((await request(setup().app).post('/login/local').send(right)).status).toBe(200)
    expect((await request(setup().app).post('/login/local').set('Content-Type', 'application/json;charset=utf-8').send(right)).status).toBe(200)
  })

  it.each([evil, { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { Origin: 'null' }])('JSON is refused with %j, whatever CORS the app allows', async (headers) => {
    const response = await request(setup().app).post('/login/local').set(headers).send(right)
    expect([response.status, response.body.code]).toEqual([403, 'cross_site'])
  })

  it('a form of a type that looks like JSON is refused like a form', async () => {
    const response = await request(setup().app).post('/login/local').set('Content-Type', 'application/json+form').send(JSON.stringify(right))
    expect(response.status).toBeGreaterThanOrEqual(400)
  })
})

describe('the token', () => {
  it('the first GET sets the token as a cookie of its own: random, strict, out of reach of scripts, and makes no session', async () => {
    const { app } = setup()
    const { headers, body } = await request(app).get('/login')
    expect(headers['set-cookie']).toEqual([`multistep-csrf=${body.csrfToken}; Path=/; HttpOnly; SameSite=Strict`])
    expect(Buffer.from(body.csrfToken, 'base64url')).toHaveLength(16)
    const other = (await request(app).get('/login')).body.csrfToken
    expect(other).not.toBe(body.csrfToken)
  })

  it('the token\'s cookie is Secure over https', async () => {
    const { app } = setup()
    app.set('trust proxy', true)
    const { headers } = await request(app).get('/login').set('X-Forwarded-Proto', 'https')
    expect(headers['set-cookie']?.[0]).toContain('; Secure')
  })

  it('the token stays, once it is set', async () => {
    const { ada } = setup()
    const first = (await ada.get('/login')).body.csrfToken
    const again = await ada.get('/login')
    expect(again.body.csrfToken).toBe(first)
    expect(again.headers['set-cookie']).toBeUndefined()
  })

  it('a token that this app did not make is replaced', async () => {
    const { body, headers } = await request(setup().app).get('/login').set('Cookie', 'multistep-csrf=short')
    expect(body.csrfToken).toMatch(/^[\w-]{22}$/)
    expect(headers['set-cookie']).toHaveLength(1)
  })

  it('the forms of the pages carry the token', async () => {
    const { ada } = setup()
    const { csrfToken } = (await ada.get('/login')).body
    expect((await ada.page('/login')).text).toContain(csrfToken)
  })

  it.each(['as the field _csrf', 'as the header x-csrf-token'])('the token lets a form in that does not say where it comes from, %s', async (way) => {
    const { ada } = setup()
    const { csrfToken } = (await ada.get('/login')).body
    const post = ada.agent.post('/login/local').type('form')
    const response = await (way.includes('field') ? post.send({ ...right, _csrf: csrfToken }) : post.set('x-csrf-token', csrfToken).send(right))
    expect(response.status).toBe(200)
  })

  it.each([
    ['wrong', { _csrf: 'A'.repeat(22) }], ['short', { _csrf: 'A' }], ['empty', { _csrf: '' }], ['missing', {}], ['a list', { '_csrf[]': 'A'.repeat(22) }],
  ])('a form is refused whose token is %s', async (_title, field) => {
    const { ada } = setup()
    await ada.get('/login')
    const response = await ada.agent.post('/login/local').type('form').send({ ...right, ...field })
    expect([response.status, response.body.code]).toEqual([403, 'cross_site'])
  })

  it('a form with a token is refused without the cookie, or with an empty one', async () => {
    const { app } = setup()
    const { csrfToken } = (await request(app).get('/login')).body
    expect((await posting(app, {}, { ...right, _csrf: csrfToken })).status).toBe(403)
    expect((await posting(app, { Cookie: 'multistep-csrf=' }, { ...right, _csrf: '' })).status).toBe(403)
    expect((await posting(app, { Cookie: 'multistep-csrf=x' }, { ...right, _csrf: 'x' })).status).toBe(403)
  })

  it('a token in the query is not read', async () => {
    const { ada } = setup()
    const { csrfToken } = (await ada.get('/login')).body
    expect((await ada.agent.post(`/login/local?_csrf=${csrfToken}`).type('form').send(right)).status).toBe(403)
  })
})

describe('a factor that redirects', () => {
  const built = () => buildApp({ strategies: [operator(), pin()], options: { steps: ['operator', 'pin'], factors: { operator: { redirects: true }, pin: device } } })

  it('a factor that redirects takes the other site\'s answer: a GET, or a form with its state', async () => {
    const { app } = built()
    const elsewhere = { 'Sec-Fetch-Site': 'cross-site' }
    for (const answer of [
      (ada: ReturnType<typeof browser>, state: string) => ada.agent.get(`/login/operator/callback?code=ada&state=${state}`).set(elsewhere),
      (ada: ReturnType<typeof browser>, state: string) => ada.agent.post('/login/operator/callback?code=ada').set({ ...elsewhere, Origin: 'https://operator.example' }).type('form').send({ state }),
    ]) {
      const ada = browser(app)
      expect((await answer(ada, stateIn((await ada.post('/login/operator')).body.url))).status).toBe(200)
    }
  })

  it('a factor that redirects is not begun by a foreign form, whatever fields it has, and no other factor is (C-02)', async () => {
    const { app } = built()
    for (const fields of [{}, { state: 's1' }, { SAMLResponse: 'x' }, { code: 'ada', state: 's1' }]) {
      expect((await request(app).post('/login/operator').set(evil).type('form').send(fields)).status).toBe(403)
    }
    expect((await request(app).post('/login/pin').set(evil).type('form').send({ state: 's1', code: '246810' })).status).toBe(403)
  })
})
