import { allOf, anyOf, multistep, when, type MultistepEvents, type MultistepOptions } from '../../src/index.js'
import { partitionOf } from '../../src/stores/keys.js'
import { buildApp, people, pin, type Person, type Setup } from '../support/app.js'
import { cookieBrowser } from '../support/cookie-browser.js'
import { device, operator, stateIn, texting, texts } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const code = { code: '246810' }
const remembering = { ...code, remember: true }
const day = 86_400_000
const cookieName = '__Host-multistep-device'

const fingerprint = (user: Express.User): string => {
  const { password, phone = '' } = user as Person
  return password + phone
}
const remember = { skips: ['pin'], fingerprint } as const

type Told = { [E in keyof MultistepEvents]: [E, MultistepEvents[E]] }[keyof MultistepEvents]

describeWithBackends('remembered devices', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  const started = (setup: Partial<Omit<Setup<'local' | 'pin'>, 'options'>> & { options?: Partial<MultistepOptions<'local' | 'pin'>> } = {}) => {
    const users = people()
    const built = buildApp({
      users, strategies: [pin()], session: { store: backend.sessions },
      routes: (app, login) => {
        app.get('/strong', login.require() as never, (req, res) => { res.json({ amr: login.amr(req as never), evidence: login.evidence(req as never) }) })
      },
      ...setup,
      options: { steps: ['local', 'pin'], factors: { pin: device }, store: backend.flows, remember, ...setup.options },
    })
    const told: Told[] = []
    for (const name of ['device.remembered', 'device.used', 'device.revoked', 'step.passed', 'flow.completed'] as const) {
      built.login.on(name, (event) => { told.push([name, event] as Told) })
    }
    const devicesTold = () => told.filter(([name]) => name.startsWith('device.')).map(([name, event]) => [name, (event as { reason?: string }).reason].filter(Boolean).join(' '))
    return { ...built, told, devicesTold, browser: (cookies?: Record<string, string>) => cookieBrowser(built.app, cookies) }
  }

  /** A browser that its user had remembered, and that is logged out. */
  const remembered = async (host: ReturnType<typeof started>, name = 'ada', cookies?: Record<string, string>) => {
    const browser = host.browser(cookies)
    await browser.password(name)
    const last = await browser.post('/login/pin', remembering)
    expect(last.body.status).toBe('complete')
    await browser.post('/logout')
    host.told.length = 0
    return browser
  }

  describe('a login with one', () => {
    it('a login with a trusted device takes the password alone, without amr of the skipped factor, and is never multi-factor (D-07 at steps, R-61 at steps)', async () => {
      const host = started()
      const browser = await remembered(host)
      const { body } = await browser.password()
      expect(body).toMatchObject({ status: 'complete', amr: ['pwd'] })
      const { body: strong } = await browser.get('/strong')
      expect(strong.amr).toEqual(['pwd'])
      expect(strong.evidence).toMatchObject([{ factor: 'local', via: 'fresh' }, { factor: 'pin', kind: 'possession', channel: 'device', amr: [], via: 'remembered' }])
      expect((await browser.get('/who')).body).toEqual({ authenticated: true, user: 'u1', amr: ['pwd'] })
    })

    it('a trusted device meets no guard for the factor, for mfa or for a recent proof: they take the factor itself (D-07 at require, R-61 at require)', async () => {
      const host = started({ routes: (app, login) => {
        app.get('/mfa', login.require({ mfa: true }) as never, (_req, res) => { res.json({ strong: true }) })
        app.get('/factor', login.require({ factors: 'pin' }) as never, (_req, res) => { res.json({ strong: true }) })
        app.get('/recent', login.require({ factors: 'pin', maxAge: '1h' }) as never, (_req, res) => { res.json({ strong: true }) })
        app.post('/bound', login.require({ factors: 'pin', bind: () => ({ amount: 5 }) }) as never, (_req, res) => { res.json({ strong: true }) })
      } })
      const browser = await remembered(host)
      await browser.password()
      for (const path of ['/mfa', '/factor', '/recent']) expect([path, (await browser.get(path)).body.code]).toEqual([path, 'step_up_required'])
      const { body } = await browser.post('/bound')
      expect(body.code).toBe('step_up_required')
      const before = browser.token()
      const stepped = await browser.post('/login/pin', { ...remembering, for: body.requirement.id })
      expect(stepped.body).toMatchObject({ status: 'complete', amr: ['pwd', 'otp', 'mfa'] })
      expect([(await browser.get('/mfa')).body, (await browser.post('/bound')).body]).toEqual([{ strong: true }, { strong: true }])
      expect([browser.token(), (await host.login.devices.list('u1')).length]).toEqual([before, 1])
    })

    it('a proof by a trusted device has the time of the login in which the factor was proven', async () => {
      let now = 1_800_000_000_000
      const host = started({ options: { store: backend.flowsAt(() => now) } })
      const browser = await remembered(host)
      now += 5 * day
      await browser.password()
      const { body } = await browser.get('/strong')
      expect(body.evidence.map(({ at }: { at: string }) => Date.parse(at))).toEqual([now, now - 5 * day])
    })

    it('a login with a trusted device tells that the device was used, and the one factor that was proven', async () => {
      const host = started()
      const browser = await remembered(host)
      await browser.password()
      const [{ id } = { id: '' }] = await host.login.devices.list('u1')
      expect(host.told).toEqual([
        ['device.used', { userId: 'u1', id }], ['step.passed', { userId: 'u1', factor: 'local' }], ['flow.completed', { userId: 'u1', amr: ['pwd'] }],
      ])
    })

    it('a trusted device still asks for the password, and for every factor that is not skipped', async () => {
      const host = started({
        strategies: [pin(), pin('second')],
        options: { steps: ['local', 'pin', 'second'] as never, factors: { pin: device, second: { ...device, channel: 'second' } } as never },
      })
      const browser = host.browser()
      await browser.password()
      await browser.post('/login/second', code)
      expect((await browser.post('/login/pin', code)).status).toBe(200)
      expect((await browser.post('/login/second', code)).body.status).toBe('complete')
      expect(browser.token()).toBe(undefined)
    })

    it('a trusted device covers a later step, and leaves the steps before it open', async () => {
      const options = { steps: ['local', 'second', 'pin'] as never, factors: { pin: device, second: { ...device, channel: 'second' } } as never }
      const host = started({ strategies: [pin(), pin('second')], options })
      const browser = host.browser()
      await browser.password()
      await browser.post('/login/second', code)
      expect((await browser.post('/login/pin', remembering)).body.status).toBe('complete')
      await browser.post('/logout')
      const { body } = await browser.password()
      expect([body.status, body.step, body.factors.map(({ factor }: { factor: string }) => factor)]).toEqual(['pending', 2, ['second']])
      expect((await browser.post('/login/second', code)).body).toMatchObject({ status: 'complete', amr: ['pwd', 'otp', 'mfa'] })
    })

    it('a trusted device covers one factor of a choice, and nothing that a stricter policy asks for meanwhile', async () => {
      let strict = false
      const options = { steps: ['local', anyOf('pin', 'second'), when(() => strict, 'second')] as never, factors: { pin: device, second: { ...device, channel: 'second' } } as never }
      const host = started({ strategies: [pin(), pin('second')], options })
      const browser = await remembered(host)
      expect((await browser.password()).body.status).toBe('complete')
      await browser.post('/logout')
      strict = true
      const { body } = await browser.password()
      expect([body.status, body.factors.map(({ factor }: { factor: string }) => factor)]).toEqual(['pending', ['second']])
    })

    it('a trusted device does not stand for a factor that the user no longer has', async () => {
      const users = people()
      const host = started({ users, options: { factors: { pin: { ...device, enrolled: (user) => Boolean((user as Person).key) } } } })
      const browser = await remembered(host)
      delete users.ada!.key
      expect((await browser.password()).body.status).toBe('pending')
    })

    it('a trusted device covers one alternative of several, even when the policy offers another one first', async () => {
      const options = { steps: ['local', anyOf(allOf('second', 'third'), 'pin')] as never, factors: { pin: device, second: { ...device, channel: 'second' }, third: { ...device, channel: 'third' } } as never }
      const host = started({ strategies: [pin(), pin('second'), pin('third')], options })
      const browser = await remembered(host)
      expect((await browser.password()).body).toMatchObject({ status: 'complete', amr: ['pwd'] })
    })

    it('a login with a trusted device sends nothing', async () => {
      const text = texts()
      const host = started({ strategies: [text.strategy, pin()], options: { steps: ['local', 'text'] as never, factors: { text: texting } as never, remember: { skips: ['text'] as never, fingerprint } } })
      const browser = host.browser()
      await browser.password()
      await browser.post('/login/text', { code: 'code of text 1', remember: 'yes' })
      await browser.post('/logout')
      expect((await browser.password()).body).toMatchObject({ status: 'complete', amr: ['pwd'] })
      expect(text.sent).toHaveLength(1)
    })
  })

  describe('the token', () => {
    it('the device token is opaque, in a host-only cookie with Secure, HttpOnly and SameSite=Lax (D-09 at steps)', async () => {
      const browser = started().browser()
      await browser.password()
      const [line = ''] = (((await browser.post('/login/pin', remembering)).headers as { 'set-cookie'?: string[] })['set-cookie'] ?? []).filter((one) => one.startsWith('__Host-'))
      expect(line).toMatch(/^__Host-multistep-device=[\w-]{55}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
      expect(Buffer.from(browser.token() ?? '', 'base64url').toString('latin1')).not.toMatch(/u1|ada|447400|K1/)
    })

    it('the device token changes at each use, and neither the store nor an event holds any part of it (D-03, R-44, R-61)', async () => {
      const host = started()
      const browser = await remembered(host)
      const tokens = [browser.token()]
      for (let login = 0; login < 3; login += 1) {
        expect((await browser.password()).body.status).toBe('complete')
        await browser.post('/logout')
        tokens.push(browser.token())
      }
      expect(new Set(tokens).size).toBe(4)
      const list = JSON.stringify([await host.login.devices.list('u1'), host.told])
      for (const token of tokens) for (const part of [token!.slice(0, 22), token!.slice(22, 44)]) expect(list).not.toContain(part)
      expect(await host.login.devices.list('u1')).toHaveLength(1)
    })

    it('a device token that is reused after its rotation ends the device, and is told (D-03 at steps)', async () => {
      const host = started()
      const browser = await remembered(host)
      const thief = host.browser({ [cookieName]: browser.cookies[cookieName]! })
      expect((await thief.password()).body.status).toBe('complete')
      const { body } = await browser.password()
      expect([body.status, browser.token()]).toEqual(['pending', undefined])
      expect(host.devicesTold()).toEqual(['device.used', 'device.revoked reused'])
      await thief.post('/logout')
      expect((await thief.password()).body.status).toBe('pending')
      expect(await host.login.devices.list('u1')).toEqual([])
    })

    it('a browser that posts twice, at once or one after the other, logs in both times and stays trusted (D-04 at steps)', async () => {
      const host = started()
      const browser = await remembered(host)
      const before = host.browser({ [cookieName]: browser.cookies[cookieName]! })
      await before.get('/login')
      const [one, two, lost] = Array.from({ length: 3 }, () => host.browser({ ...before.cookies }))
      const answers = await Promise.all([one!, two!].map((tab) => tab.password()))
      const retried = await lost!.password()
      expect([...answers, retried].map(({ body }) => body.status)).toEqual(['complete', 'complete', 'complete'])
      expect(new Set([one, two, lost].map((tab) => tab!.token())).size).toBe(1)
      expect(host.devicesTold()).toEqual(['device.used'])
      await lost!.post('/logout')
      expect((await lost!.password()).body.status).toBe('complete')
      const thief = host.browser({ [cookieName]: before.cookies[cookieName]! })
      await thief.get('/login')
      expect((await thief.password()).body.status).toBe('pending')
      expect(host.devicesTold()).toEqual(['device.used', 'device.used', 'device.revoked reused'])
    })

    it('a device token in 20 browsers at once logs in once, asks the others for the factor, and ends the device (D-03)', async () => {
      // Beside the lockout, which would stop half of them first.
      const host = started({ options: { factors: { local: { lockout: 'own' }, pin: device } } })
      const browser = await remembered(host)
      const tabs = Array.from({ length: 20 }, () => host.browser({ [cookieName]: browser.cookies[cookieName]! }))
      const answers = await Promise.all(tabs.map((tab) => tab.password()))
      expect(answers.map(({ body }) => body.status).sort()).toEqual(['complete', ...Array.from({ length: 19 }, () => 'pending')])
      expect(host.devicesTold().sort()).toEqual(['device.revoked reused', 'device.used'])
      expect(await host.login.devices.list('u1')).toEqual([])
      const winner = tabs[answers.findIndex(({ body }) => body.status === 'complete')]!
      expect((await winner.get('/who')).body.authenticated).toBe(true)
      await winner.post('/logout')
      expect((await winner.password()).body.status).toBe('pending')
    })

    it('an edited device token is ignored, and the true one still counts (D-02 at steps)', async () => {
      const host = started()
      const browser = await remembered(host)
      const token = browser.token()!
      const flipped = (at: number) => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
      for (const edited of [...[0, 21, 22, 43, 44, 54].map(flipped), token.slice(1), `${token}x`, token.slice(0, 44), '', '%00', 'a'.repeat(5000), `${token.slice(22, 44)}${token.slice(0, 22)}${token.slice(44)}`]) {
        const other = host.browser({ [cookieName]: edited })
        expect([edited, (await other.password()).body.status]).toEqual([edited, 'pending'])
      }
      expect(host.devicesTold()).toEqual([])
      expect((await browser.password()).body.status).toBe('complete')
    })

    it('a device token of another policy on the same store and host is ignored, and still counts there (D-02)', async () => {
      const host = started()
      const browser = await remembered(host)
      const other = buildApp({ strategies: [pin()], router: false, options: { steps: ['local', 'pin'], factors: { pin: device }, store: backend.flows, remember, loginPath: '/admin' }, routes: (app, login) => { app.use('/admin', login.router() as never) } })
      const admin = cookieBrowser(other.app, { [cookieName]: browser.token()! })
      expect((await admin.post('/admin/local', { username: 'ada', password: people().ada!.password })).body.status).toBe('pending')
      expect((await browser.password()).body.status).toBe('complete')
    })

    it('a device token of one user is ignored for another, and still counts for the first (D-01 at steps)', async () => {
      const host = started()
      const browser = await remembered(host)
      expect((await browser.password('grace')).body.status).toBe('pending')
      expect(host.devicesTold()).toEqual([])
      const back = host.browser({ [cookieName]: browser.token()! })
      expect((await back.password()).body.status).toBe('complete')
    })

    it('device tokens of two users in one browser count for each of them', async () => {
      const host = started()
      const browser = await remembered(host)
      await remembered(host, 'alan', browser.cookies)
      for (const name of ['ada', 'alan', 'ada', 'alan']) {
        expect([name, (await browser.password(name)).body.status]).toEqual([name, 'complete'])
        await browser.post('/logout')
      }
      expect(browser.token()?.split('.')).toHaveLength(2)
    })

    it('a browser keeps the device tokens of its last five users', async () => {
      const users = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`p${index}`, { id: `p${index}`, name: `p${index}`, password: 'x' }]))
      const host = started({ users })
      const browser = host.browser()
      const login = (name: string) => browser.post('/login/local', { username: name, password: 'x' })
      for (const name of Object.keys(users)) {
        await login(name)
        await browser.post('/login/pin', remembering)
        await browser.post('/logout')
      }
      expect(browser.token()?.split('.')).toHaveLength(5)
      expect((await login('p5')).body.status).toBe('complete')
      await browser.post('/logout')
      expect((await login('p0')).body.status).toBe('pending')
    })

    it('a device token is ignored after its absolute end by the store\'s clock, however often it was used (D-06 at steps)', async () => {
      let now = 1_800_000_000_000
      const host = started({ options: { store: backend.flowsAt(() => now), remember: { ...remember, for: '3d' } } })
      const browser = await remembered(host)
      const expiresAt = now + 3 * day
      for (let time = 0; time < 2; time += 1) {
        now += day
        expect((await browser.password()).body.status).toBe('complete')
        await browser.post('/logout')
        expect(await host.login.devices.list('u1')).toMatchObject([{ expiresAt: new Date(expiresAt), lastUsedAt: new Date(now) }])
      }
      now = expiresAt
      expect((await browser.password()).body.status).toBe('pending')
      expect(await host.login.devices.list('u1')).toEqual([])
    })
  })

  describe('remembering', () => {
    it.each<[unknown, boolean]>([['on', true], ['true', true], ['1', true], ['YES', true], [true, true], ['off', false], ['', false], ['0', false], [1, false], [false, false], [null, false], [{}, false], [['on'], false]])(
      'a login with remember %j: %s', async (wish, expected) => {
        const host = started()
        const browser = host.browser()
        await browser.password()
        expect((await browser.post('/login/pin', { ...code, remember: wish })).body.status).toBe('complete')
        expect([browser.token() !== undefined, host.devicesTold()]).toEqual([expected, expected ? ['device.remembered'] : []])
      })

    it('a device is made only with the proof: not before it, not with a wrong code, not by GET, not from another site (D-08 at steps, W-09)', async () => {
      const host = started()
      const browser = host.browser()
      await browser.post('/login/local', { username: 'ada', password: people().ada!.password, remember: true })
      await browser.post('/login/pin', { code: 'wrong', remember: true })
      await browser.get('/login/pin?code=246810&remember=on')
      await browser.get('/login?remember=on')
      browser.headers['Sec-Fetch-Site'] = 'cross-site'
      expect((await browser.post('/login/pin', remembering)).status).toBe(403)
      delete browser.headers['Sec-Fetch-Site']
      expect([browser.token(), host.devicesTold(), await host.login.devices.list('u1')]).toEqual([undefined, [], []])
      expect((await browser.post('/login/pin', code)).body.status).toBe('complete')
      expect([browser.token(), await host.login.devices.list('u1')]).toEqual([undefined, []])
    })

    it('another site cannot make a trusted device by answering for a factor that redirects (D-08)', async () => {
      const users = people()
      const host = started({ users, strategies: [operator('operator', users)], options: { steps: ['local', 'operator'] as never, factors: { operator: { redirects: true, kind: 'possession', channel: 'phone' } } as never, remember: { skips: ['operator'] as never, fingerprint } } })
      const browser = host.browser()
      await browser.password()
      const state = stateIn((await browser.post('/login/operator', {})).body.url)
      browser.headers['Sec-Fetch-Site'] = 'cross-site'
      const { body } = await browser.post('/login/operator/callback?code=ada', { state, remember: 'on' })
      expect([body.status, browser.token()]).toEqual(['complete', undefined])
    })

    it('a remembered proof makes no new device, nor does a factor that is not skipped', async () => {
      const host = started({ options: { steps: ['local', 'pin'] } })
      const browser = await remembered(host)
      const before = await host.login.devices.list('u1')
      const { body } = await browser.post('/login/local', { username: 'ada', password: people().ada!.password, remember: true })
      expect(body.status).toBe('complete')
      expect((await host.login.devices.list('u1')).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    })

    it('a second device in one browser replaces the first one', async () => {
      const host = started()
      const browser = await remembered(host)
      const first = await host.login.devices.list('u1')
      await browser.post('/logout')
      const kept = browser.token()!
      Reflect.deleteProperty(browser.cookies, cookieName)
      await browser.password()
      browser.cookies[cookieName] = kept
      await browser.post('/login/pin', remembering)
      const second = await host.login.devices.list('u1')
      expect([second.length, second[0]?.id === first[0]?.id]).toEqual([1, false])
      expect(browser.token()?.split('.')).toHaveLength(1)
    })

    it('more devices than max end the oldest one', async () => {
      const host = started({ options: { remember: { ...remember, max: 2 } } })
      const browsers = [await remembered(host), await remembered(host), await remembered(host)]
      const answers = []
      for (const browser of browsers) answers.push((await browser.password()).body.status)
      expect(answers).toEqual(['pending', 'complete', 'complete'])
    })

    it('the box to trust a device is shown only with the proof that would complete the login', async () => {
      const host = started()
      const browser = host.browser()
      expect((await browser.get('/login')).body.factors[0].remember).toBe(undefined)
      const { body } = await browser.password()
      expect(body.factors).toMatchObject([{ factor: 'pin', remember: { for: '30d' } }])
      const { text } = await browser.page('/login')
      expect(text).toContain('<input type="checkbox" name="remember" value="on">')
      expect(text).toContain('Remember this device for 30 days')
      const off = started({ options: { remember: undefined } as never })
      const plain = off.browser()
      expect((await plain.password()).body.factors[0].remember).toBe(undefined)
      await plain.post('/login/pin', remembering)
      expect([plain.token(), (await plain.get('/login/devices')).status]).toEqual([undefined, 404])
    })

    it('the fingerprint of a device is of the user that deserializeUser finds, whatever the strategies return', async () => {
      const users = people()
      const host = started({ users, serialize: (user, done) => done(null, user.id), deserialize: (id, done) => {
        const found = Object.values(users).find((user) => user.id === id)
        done(null, found && { id, phone: found.phone, state: `state of ${found.password}` })
      }, options: { remember: { ...remember, fingerprint: (user) => (user as { state?: string }).state ?? '' } } })
      const browser = await remembered(host)
      expect((await browser.password()).body.status).toBe('complete')
    })

    it('a fingerprint that never answers is given up after stepTimeout (P-15)', async () => {
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const host = started({ options: { stepTimeout: '300ms', remember: { ...remember, fingerprint: () => new Promise<string>(() => {}) } } })
      const browser = host.browser()
      await browser.password()
      expect((await browser.post('/login/pin', remembering)).body.status).toBe('complete')
      expect(browser.token()).toBe(undefined)
      warn.mockRestore()
    })

    it('a fingerprint that throws leaves the login as it is, and is a warning of the process', async () => {
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const host = started({ options: { remember: { ...remember, fingerprint: () => '' } } })
      const browser = host.browser()
      await browser.password()
      expect((await browser.post('/login/pin', remembering)).body.status).toBe('complete')
      expect(browser.token()).toBe(undefined)
      expect(warn.mock.calls.map(([text]) => text)).toEqual([expect.stringContaining('remember.fingerprint must return text')])
      warn.mockRestore()
    })

    it('the label of a device has the browser and system in our own names, and of a program its name alone', async () => {
      const host = started()
      const labels = []
      for (const agent of [
        'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
        'OurApp/1.2 <script>alert(1)</script>', '<script>',
      ]) {
        const browser = host.browser()
        browser.headers['User-Agent'] = agent
        await browser.password()
        await browser.post('/login/pin', remembering)
        labels.push((await host.login.devices.list('u1')).at(-1)?.label)
      }
      expect(labels).toEqual(['Firefox, Linux', 'Safari, iPhone', 'Edge, Windows', 'OurApp', undefined])
    })
  })

  describe('the end of a device', () => {
    it.each(['password', 'phone'] as const)('a device ends with another %s, in every browser, for good (D-05)', async (what) => {
      const users = people()
      const host = started({ users })
      const browsers = [await remembered(host), await remembered(host)]
      const before = users.ada![what]!
      users.ada![what] = what === 'password' ? 'another password' : '+447400999999'
      for (const browser of browsers) {
        expect((await browser.post('/login/local', { username: 'ada', password: users.ada!.password })).body.status).toBe('pending')
        expect(browser.token()).toBe(undefined)
      }
      expect(host.devicesTold()).toEqual(['device.revoked outdated', 'device.revoked outdated'])
      users.ada![what] = before
      for (const browser of browsers) expect((await browser.password()).body.status).toBe('pending')
    })

    it('a device ends with devices.revoke and devices.revokeAll, and no other user\'s does', async () => {
      const host = started()
      const [one, other, alan] = [await remembered(host), await remembered(host), await remembered(host, 'alan')]
      const [first, second] = await host.login.devices.list('u1')
      expect(await host.login.devices.revoke('u3', first!.id)).toBe(false)
      expect(await host.login.devices.revoke('u1', first!.id)).toBe(true)
      expect(await host.login.devices.revoke('u1', first!.id)).toBe(false)
      expect(host.told).toEqual([['device.revoked', { userId: 'u1', id: first!.id, reason: 'revoked' }]])
      expect([(await one.password()).body.status, (await other.password()).body.status]).toEqual(['pending', 'complete'])
      await other.post('/logout')
      await host.login.devices.revokeAll('u1')
      expect(host.told.at(-1)).toEqual(['device.revoked', { userId: 'u1', id: second!.id, reason: 'revoked' }])
      expect([(await other.password()).body.status, (await alan.password('alan')).body.status]).toEqual(['pending', 'complete'])
    })

    it('a device ends when its user logs out everywhere (D-05 at steps)', async () => {
      const host = started()
      const [one, other] = [await remembered(host), await remembered(host)]
      await host.login.sessions.revokeAll('u1')
      expect(host.devicesTold()).toEqual(['device.revoked everywhere', 'device.revoked everywhere'])
      expect([(await one.password()).body.status, (await other.password()).body.status]).toEqual(['pending', 'pending'])
    })

    it('a device ends when its user logs in with a recovery code', async () => {
      const host = started({
        strategies: [pin(), pin('recovery-code')],
        options: { steps: ['local', anyOf('pin', 'recovery-code')] as never, factors: { pin: device, 'recovery-code': { enrolled: () => true } } as never },
      })
      const browser = await remembered(host)
      const other = host.browser()
      await other.password()
      expect((await other.post('/login/recovery-code', remembering)).body.status).toBe('complete')
      expect(host.devicesTold()).toEqual(['device.revoked recovery'])
      expect([(await browser.password()).body.status, other.token()]).toEqual(['pending', undefined])
    })

    it('a device outlives a plain logout', async () => {
      const browser = await remembered(started())
      expect((await browser.password()).body.status).toBe('complete')
    })
  })

  describe('a store in trouble (R-59, X-04)', () => {
    /** The store, except for what `does` answers in its place; what comes to `undefined` only comes first. */
    const troubled = (does: (name: string) => Promise<unknown> | undefined) => new Proxy(backend.flows, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return async (...args: unknown[]) => await does(String(name)) ?? Reflect.apply(value as () => unknown, target, args)
      },
    })

    it.each<[string, () => Promise<unknown>]>([
      ['rejects', () => Promise.reject(new Error('down'))],
      ['answers with something else', async () => ({ status: 'ok' })],
      ['answers with no status that there is', async () => ({ status: 'fine', device: { id: 'x', createdAt: 1, factors: ['pin'] } })],
    ])('a store that %s when a device is used lets nobody in', async (_, answer) => {
      const browser = await remembered(started())
      const host = started({ options: { store: troubled((name) => (name === 'useDevice' ? answer() : undefined)) } })
      const other = host.browser({ ...browser.cookies })
      const { status, body } = await other.password()
      expect([status, body.code, (await other.get('/who')).body.authenticated]).toEqual([503, 'store_unavailable', false])
    })

    it('a store that fails when a device is made leaves the login as it is, and no device is made', async () => {
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const host = started({ options: { store: troubled((name) => (name === 'rememberDevice' ? Promise.reject(new Error('down')) : undefined)) } })
      const browser = host.browser()
      await browser.password()
      expect([(await browser.post('/login/pin', remembering)).body.status, browser.token(), host.devicesTold()]).toEqual(['complete', undefined, []])
      expect(warn.mock.calls.map(([text]) => text)).toEqual([expect.stringContaining('a device could not be remembered')])
      warn.mockRestore()
    })

    it('a device that is made while all devices of its user are revoked is not kept (D-05)', async () => {
      const host = started({ options: { store: troubled((name) => (name === 'rememberDevice' ? backend.flows.endAll(partitionOf('person', 'u1'), day).then(() => undefined) : undefined)) } })
      const browser = host.browser()
      await browser.password()
      const remembers = jest.spyOn(backend.flows, 'rememberDevice')
      await browser.post('/login/pin', remembering)
      expect(remembers).toHaveBeenCalledTimes(1)
      expect([browser.token(), await host.login.devices.list('u1'), host.devicesTold()]).toEqual([undefined, [], []])
    })
  })

  describe('the devices page', () => {
    it('GET /login/devices is for a completed login, and not for a pending one', async () => {
      const host = started()
      const browser = host.browser()
      expect((await browser.get('/login/devices')).body.code).toBe('login_required')
      await browser.password()
      expect((await browser.get('/login/devices')).body.code).toBe('factor_required')
      expect((await browser.page('/login/devices')).headers.location).toBe('/login')
      const [id] = ['x'.repeat(22)]
      expect((await browser.post(`/login/devices/${id}/revoke`)).body.code).toBe('factor_required')
    })

    it('the devices page takes no post, and names what it takes', async () => {
      const browser = await remembered(started())
      await browser.password()
      const posted = await browser.post('/login/devices')
      expect([posted.status, posted.headers.allow, posted.body.code]).toEqual([405, 'GET, HEAD', 'method_not_allowed'])
    })

    it('GET /login/devices lists the devices as JSON and as a page, and marks the current one', async () => {
      const host = started()
      await remembered(host)
      const browser = await remembered(host)
      await browser.password()
      const { body, headers } = await browser.get('/login/devices')
      expect(headers['cache-control']).toBe('no-store')
      expect(body.devices.map(({ current }: { current: boolean }) => current)).toEqual([false, true])
      const [first, second] = await host.login.devices.list('u1')
      expect(body.devices[0]).toEqual({
        id: first!.id, createdAt: first!.createdAt.toISOString(), lastUsedAt: first!.lastUsedAt.toISOString(), expiresAt: first!.expiresAt.toISOString(),
        current: false, links: { revoke: `/login/devices/${first!.id}/revoke` },
      })
      const page = await browser.page('/login/devices')
      expect(page.headers['content-security-policy']).toContain('default-src \'none\'')
      expect(page.text.match(/This device/g)).toHaveLength(1)
      expect(page.text).toContain(`action="/login/devices/${second!.id}/revoke"`)
    })

    it('only a POST of our own pages ends a device, only of its user, and removes the cookie of this browser', async () => {
      const host = started()
      const alan = await remembered(host, 'alan')
      const browser = await remembered(host)
      await browser.password()
      const [{ id: own } = { id: '' }] = await host.login.devices.list('u1')
      const [{ id: foreign } = { id: '' }] = await host.login.devices.list('u3')
      expect((await browser.get(`/login/devices/${own}/revoke`)).status).toBe(405)
      browser.headers['Sec-Fetch-Site'] = 'cross-site'
      expect((await browser.post(`/login/devices/${own}/revoke`)).status).toBe(403)
      delete browser.headers['Sec-Fetch-Site']
      expect((await browser.post(`/login/devices/${foreign}/revoke`)).body.devices).toHaveLength(1)
      const { status, headers } = await browser.form(`/login/devices/${own}/revoke`)
      expect([status, headers.location, browser.token()]).toEqual([303, '/login/devices', undefined])
      expect((await browser.page('/login/devices')).text).toContain('No device is remembered.')
      expect((await alan.password('alan')).body.status).toBe('complete')
      expect((await browser.get('/who')).body.authenticated).toBe(true)
    })
  })
})

describe('the option remember', () => {
  const starting = (option: object) => () => {
    const { passport } = buildApp({ options: { steps: ['local'] } })
    const other = new (passport.constructor as new () => typeof passport)()
    for (const name of ['local', 'pin', 'recovery-code']) other.use(name, pin(name))
    return multistep(other, { steps: ['local', anyOf('pin', 'recovery-code')], factors: { pin: device, 'recovery-code': { enrolled: () => true } }, remember: option as never })
  }

  it.each<[object, string]>([
    [{ skip: ['pin'] }, 'there is no option \'remember.skip\'. Did you mean skips?'],
    [{ fingerprint }, 'remember.skips names the factors'],
    [{ skips: [], fingerprint }, 'remember.skips names the factors'],
    [{ skips: 'pin', fingerprint }, 'remember.skips is a list of names, such as [\'sms-otp\'], not "pin"'],
    [{ skips: ['pinn'], fingerprint }, 'remember.skips names \'pinn\', which no step mentions. Did you mean pin?'],
    [{ skips: ['recovery-code'], fingerprint }, 'remember.skips cannot name \'recovery-code\''],
    [{ skips: ['pin'] }, 'remember.fingerprint is missing'],
    [{ skips: ['pin'], fingerprint: 'password' }, 'remember.fingerprint is a function'],
    [{ skips: ['pin'], fingerprint, max: 0 }, 'remember.max is a whole number from 1 to 100, not 0'],
    [{ skips: ['pin'], fingerprint, for: '0s' }, 'remember.for must be longer than nothing'],
    [{ skips: ['pin'], fingerprint, for: 30 }, 'remember.for is a duration: write a string with its unit'],
  ])('remember: %j is refused with what to write', (option, words) => {
    expect(starting(option)).toThrow(TypeError)
    expect(starting(option)).toThrow(words)
  })

  it('remember.skips takes only the names of factors of the policy, by its type', () => {
    const { passport } = buildApp({ options: { steps: ['local'] } })
    const Another = passport.constructor as new () => typeof passport
    // @ts-expect-error -- no step mentions it
    expect(() => multistep(new Another(), { steps: ['local'], remember: { skips: ['pin'], fingerprint } })).toThrow(/remember.skips names 'pin'/)
  })

  it('remember is off by default, and needs only skips and fingerprint', () => {
    expect(starting({ skips: ['pin'], fingerprint })).not.toThrow()
  })
})
