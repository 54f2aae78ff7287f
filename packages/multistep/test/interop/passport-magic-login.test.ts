import magicLogin from 'passport-magic-login'
import { browser, buildApp, people, pin } from '../support/app.js'
import { device } from '../support/factors.js'

// Published as CommonJS with a default of its own: ES modules find it one level deeper.
const MagicLoginStrategy = ('default' in magicLogin ? magicLogin.default : magicLogin)

const callbackUrl = '/login/magiclogin/callback'

/** A mailed link in the place of a password. The link is followed by GET, so the factor redirects; `once` makes each link good for one login. */
function setup() {
  const users = people()
  const mails: string[] = []
  const magic = new MagicLoginStrategy({
    secret: 'a secret of the tests, long enough to be one',
    callbackUrl,
    sendMagicLink: async (_destination, href) => { mails.push(href) },
    verify: ({ destination }: { destination: string }, done) => done(null, users[destination.split('@')[0]!]),
  })
  const { app } = buildApp({
    users,
    strategies: [magic as never, pin()],
    options: {
      steps: ['magiclogin', 'pin'],
      factors: { magiclogin: { redirects: true, account: (req) => req.query.token, once: (req) => req.query.token }, pin: device },
    },
    routes: (host) => { host.post('/mail', magic.send as never) },
  })
  const mailed = async (name: string) => {
    await browser(app).post('/mail', { destination: `${name}@example.com` }).expect(200)
    return mails.at(-1)!
  }
  return { app, mailed }
}

describe('passport-magic-login, unmodified, as a first factor', () => {
  it('a link of passport-magic-login takes the first step, and the second factor is still asked for (F-10 at steps, R-42 at steps)', async () => {
    const { app, mailed } = setup()
    const browsing = browser(app)
    await browsing.page(await mailed('ada')).expect(303).expect('Location', '/login')
    expect(await browsing.who()).toMatchObject({ authenticated: false })
    expect((await browsing.post('/login/pin', { code: '246810' })).body).toMatchObject({ status: 'complete' })
    expect(await browsing.who()).toMatchObject({ user: 'u1' })
  })

  it('a link of passport-magic-login is taken once', async () => {
    const { app, mailed } = setup()
    const link = await mailed('ada')
    await browser(app).get(link).expect(200)
    const thief = browser(app)
    await thief.get(link).expect(401)
    expect((await thief.get('/login')).body).toMatchObject({ status: 'anonymous' })
  })

  it('passport-magic-login refuses a forged link, and one without a token', async () => {
    const { app, mailed } = setup()
    const link = await mailed('ada')
    await browser(app).get(`${link}x`).expect(401)
    await browser(app).get(callbackUrl).expect(401)
  })

  it('a HEAD of a mail scanner does not spend a link of passport-magic-login', async () => {
    const { app, mailed } = setup()
    const link = await mailed('ada')
    await browser(app).agent.head(link).expect(405)
    await browser(app).get(link).expect(200)
  })
})
