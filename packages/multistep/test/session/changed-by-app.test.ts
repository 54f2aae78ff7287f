import { browser, buildApp, type Person } from '../support/app.js'

const nobody = { authenticated: false, user: null, amr: [] }

/** A person who is logged in, and whose app then does this with the session. */
async function after(change: (session: any) => void, more: object = {}, deserialize?: (id: any, done: any) => void) {
  const { app, login } = buildApp({
    options: { steps: ['local'], ...more }, ...deserialize ? { deserialize } : {},
    routes: (host) => host.post('/change', (req, res) => {
      change(req.session)
      res.json({})
    }),
  })
  const unreadable: unknown[] = []
  login.on('person.unreadable', (event) => unreadable.push(event))
  const ada = browser(app)
  await ada.password()
  return { ada, unreadable, changed: () => ada.post('/change').expect(200) }
}

describe('a session whose person the app has changed by itself', () => {
  it.each<[string, (session: any) => void]>([
    ['removed', (session) => { delete session.passport }],
    ['made null', (session) => { session.passport = null }],
    ['made a text', (session) => { session.passport = 'u1' }],
    ['emptied', (session) => { session.passport = { user: '' } }],
    ['set to false', (session) => { session.passport = { user: false } }],
    ['set to another person', (session) => { session.passport = { user: 'u2' } }],
  ])('a login whose person was %s in the session logs nobody in', async (_, change) => {
    const { ada, changed } = await after(change)
    expect((await ada.who()).user).toBe('u1')
    await changed()
    expect(await ada.who()).toEqual(nobody)
    expect((await ada.get('/account')).body.code).toBe('login_required')
  })

  it('a session into which the app puts an empty person after a logout logs nobody in', async () => {
    const { ada, changed } = await after((session) => { session.passport = { user: null } })
    await ada.agent.post('/logout').set('Sec-Fetch-Site', 'same-origin')
    await changed()
    expect(await ada.who()).toEqual(nobody)
  })
})

describe('a person whom the app cannot read', () => {
  it('an error that is no Error is told in the words of this package, and shows nothing of it', async () => {
    let isBroken = false
    const people: Record<string, Partial<Person>> = { u1: { id: 'u1' } }
    const { ada, unreadable } = await after(() => undefined, {}, (id: string, done) => {
      if (isBroken) done('secret')
      else done(null, people[id])
    })
    isBroken = true
    const { body } = await ada.get('/account')
    expect(body).toEqual({ handled: true, name: 'MultistepError', code: 'misconfigured', message: 'multistep: passport.deserializeUser failed; its error is the cause.' })
    expect(unreadable).toMatchObject([{ userId: 'u1', error: { code: 'misconfigured', cause: 'secret' } }])
    isBroken = false
    expect((await ada.get('/account')).body).toEqual({ id: 'u1' })
  })

  it('a login outside of multistep whose person cannot be read has no person on the pages of the login', async () => {
    let isBroken = false
    const { ada, changed, unreadable } = await after((session) => { session.passport = { user: 'u1' } }, { otherLogins: 'allow' }, (id, done) => {
      if (isBroken) done(new Error('no database'))
      else done(null, { id })
    })
    await ada.agent.post('/logout').set('Sec-Fetch-Site', 'same-origin')
    await changed()
    expect((await ada.who()).user).toBe('u1')
    isBroken = true
    expect((await ada.get('/login')).body.status).toBe('anonymous')
    expect((await ada.get('/who')).body).toMatchObject({ handled: true, message: 'no database' })
    expect(unreadable).toHaveLength(2)
  })
})

describe('a cookie that a browser never gets', () => {
  it('a login over plain http is told to the programmer where the cookie of the session is secure', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const { app } = buildApp({ options: { steps: ['local'] }, session: { cookie: { secure: true } } })
    const ada = browser(app)
    await ada.get('/who')
    const told = () => warn.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('cookie is secure'))
    expect(told()).toEqual([])
    await ada.agent.post('/login/local').set('X-Forwarded-Proto', 'https').send({})
    expect(told()).toEqual([])
    for (let tries = 0; tries < 2; tries += 1) await ada.password()
    expect(told()).toHaveLength(1)
    warn.mockRestore()
  })
})
