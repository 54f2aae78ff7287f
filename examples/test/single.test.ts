import { readdirSync, readFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import { totpCode } from '../src/handset/authenticator.js'
import { describeWithRedis, sharedRedisUrl } from '../../test/support/redis.js'
import { listExamples, startExample } from './support/single.js'

const folder = join(__dirname, '..')
const singles = readdirSync(join(folder, 'single'))

type Example = Awaited<ReturnType<typeof startExample>>
let example: Example
const running = new Set<Example>()
afterEach(async () => {
  for (const one of running) await one.stop()
  running.clear()
})

/** Ends with the test. */
async function started(...args: Parameters<typeof startExample>): Promise<Example> {
  const one = await startExample(...args)
  running.add(one)
  return one
}

const password = { username: 'ada', password: 'lovelace' }

/** The two steps that most of them have. */
async function logIn({ ask, code }: Example, credentials = password) {
  expect(await ask('POST', '/login/local', credentials)).toMatchObject({ status: 200, body: { status: 'pending' } })
  return ask('POST', '/login/sms-otp', { code: await code() })
}

describe('The example', () => {
  it('the example quickstart logs ada in by a password and a text, and not by the password alone', async () => {
    example = await started('quickstart')
    await example.ask('POST', '/login/local', password)
    expect((await example.ask('GET', '/account')).status).toBe(401)
    expect((await example.ask('POST', '/login/sms-otp', { code: await example.code() })).body.status).toBe('complete')
    expect((await example.ask('GET', '/account')).text).toBe('Hello ada, you proved pwd + sms + mfa.')
  })

  it('the example typescript is the quickstart in TypeScript', async () => {
    example = await started('typescript')
    await logIn(example)
    expect((await example.ask('GET', '/account')).text).toBe('Hello ada, you proved pwd + sms + mfa.')
  })

  it('the example nestjs guards a controller', async () => {
    example = await started('nestjs')
    expect((await example.ask('GET', '/account')).status).toBe(401)
    await logIn(example)
    expect((await example.ask('GET', '/account')).text).toBe('Hello ada, you proved pwd + sms + mfa.')
  })

  it('the example totp-or-text lets ada use her authenticator, and texts grace who has none', async () => {
    example = await started('totp-or-text')
    expect((await example.ask('POST', '/login/local', password)).body.factors.map(({ factor }: { factor: string }) => factor)).toEqual(['totp', 'sms-otp'])
    const code = totpCode('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', Date.now())
    expect((await example.ask('POST', '/login/totp', { code })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'otp', 'mfa'] })
    expect((await logIn(example, { username: 'grace', password: 'hopper' })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'sms', 'mfa'] })
  })

  it('the example recovery-codes logs in by a code of the list, once', async () => {
    example = await started('recovery-codes')
    const [code] = /Recovery codes of ada: (.*)/.exec(example.printed())![1]!.split(' ')
    await example.ask('POST', '/login/local', password)
    expect((await example.ask('POST', '/login/recovery-code', { code })).body.status).toBe('complete')
    await example.ask('POST', '/login/local', password)
    expect((await example.ask('POST', '/login/recovery-code', { code })).status).toBe(401)
  })

  it('the example remember-device asks a remembered browser for the password alone', async () => {
    example = await started('remember-device')
    await example.ask('POST', '/login/local', password)
    await example.ask('POST', '/login/sms-otp', { code: await example.code(), remember: true })
    await example.ask('POST', '/logout', {})
    expect((await example.ask('GET', '/account')).status).toBe(401)
    expect((await example.ask('POST', '/login/local', password)).body.status).toBe('complete')
    expect((await example.ask('GET', '/account')).text).toContain('local (fresh), sms-otp (remembered)')
  })

  it('the example confirm-transfer pays what was confirmed, and nothing else', async () => {
    example = await started('confirm-transfer')
    await logIn(example)
    const payment = { payee: 'Bob', amount: 25.5 }
    const { id } = (await example.ask('POST', '/transfer', payment)).body.requirement
    await example.ask('POST', '/login/sms-otp/challenge', { for: id })
    expect(example.printed()).toMatch(/25\.50 EUR[^]*Bob/)
    await example.ask('POST', '/login/sms-otp', { for: id, code: await example.code() })
    expect((await example.ask('POST', '/transfer', { payee: 'Eve', amount: 25.5 })).status).toBe(403)
    expect((await example.ask('POST', '/transfer', payment)).body).toEqual({ paid: '25.50 EUR', to: 'Bob' })
    expect((await example.ask('POST', '/transfer', payment)).status).toBe(403)
  })

  it('the example sudo-mode asks for a text at the page that needs one, and for nothing at the others', async () => {
    example = await started('sudo-mode')
    expect((await example.ask('POST', '/login/local', password)).body.status).toBe('complete')
    expect((await example.ask('GET', '/keys')).status).toBe(200)
    const { status, body } = await example.ask('GET', '/admin')
    expect([status, body.missing]).toEqual([403, ['sms-otp']])
    await example.ask('POST', '/login/sms-otp/challenge', { for: body.requirement.id })
    await example.ask('POST', '/login/sms-otp', { for: body.requirement.id, code: await example.code() })
    expect((await example.ask('GET', '/admin')).status).toBe(200)
  })

  it('the example change-number gives the account a number that was proven', async () => {
    example = await started('change-number')
    const { challenge } = (await example.ask('POST', '/number', { phone: '+44 7400 123458' })).body
    expect((await example.ask('POST', '/number/confirm', { challenge, code: '000000' })).status).toBe(401)
    expect((await example.ask('POST', '/number/confirm', { challenge, code: await example.code() })).body).toEqual({ phone: '+447400123458' })
  })

  it('the example fastify proves a number without Express and without Passport', async () => {
    example = await started('fastify')
    const { challenge } = (await example.ask('POST', '/number', { phone: '+44 7400 123458' })).body
    expect((await example.ask('POST', '/number/confirm', { challenge, code: '000000' })).body).toMatchObject({ code: 'wrong', attemptsLeft: 4 })
    expect((await example.ask('POST', '/number/confirm', { challenge, code: await example.code() })).body).toEqual({ phone: '+447400123458' })
    expect((await example.ask('POST', '/number', { phone: 'none' })).body).toEqual({ code: 'refused' })
  })

  describe('totp-set-up', () => {
    const page = '/login/totp/set-up'
    const codeOf = (key: string, later = 0) => totpCode(key, Date.now() + later)
    /** The code that finished the set-up counts for no login. The strategy takes the next one, too. */
    const nextCodeOf = (key: string) => codeOf(key, 30_000)
    /** Sets the app up; its key. */
    const setUp = async () => {
      await example.ask('POST', '/login/local', password)
      const { begun } = (await example.ask('POST', page, {})).body
      expect(begun.qr).toContain('<svg')
      expect(begun.uri).toBe(`otpauth://totp/Acme:ada?secret=${begun.key}&issuer=Acme`)
      expect((await example.ask('POST', page, { code: '000000' })).status).toBe(401)
      expect((await example.ask('POST', page, { code: codeOf(begun.key) })).body).toMatchObject({ isSetUp: true })
      expect(example.printed()).toContain('Tell ada: an authenticator app was set up.')
      return begun.key as string
    }

    it('the example totp-set-up asks for the code of the app from the moment that it is set up', async () => {
      example = await started('totp-set-up')
      const key = await setUp()
      expect((await example.ask('GET', '/account')).status).toBe(401)
      expect((await example.ask('POST', '/login/local', password)).body.status).toBe('pending')
      expect((await example.ask('GET', '/account')).status).toBe(401)
      expect((await example.ask('POST', '/login/totp', { code: nextCodeOf(key) })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'otp', 'mfa'] })
      for (const path of ['/account', page]) expect((await example.ask('GET', path)).text).not.toContain(key)
    })

    it('the example totp-set-up lets nobody replace or remove the app with a password and a recovery code', async () => {
      example = await started('totp-set-up')
      const key = await setUp()
      await example.ask('POST', '/login/local', password)
      await example.ask('POST', '/login/totp', { code: nextCodeOf(key) })
      const [code] = (await example.ask('POST', '/login/recovery-codes', {})).body.codes
      await example.ask('POST', '/login/local', password)
      expect((await example.ask('POST', '/login/recovery-code', { code })).body.status).toBe('complete')
      for (const change of [{}, { remove: true }]) {
        expect((await example.ask('POST', page, change)).body).toMatchObject({ code: 'step_up_required', missing: ['totp'] })
      }
    })
  })

  it('the example phone-only makes the account once the number was proven', async () => {
    example = await started('phone-only')
    await example.ask('POST', '/login/sms-otp/challenge', { phone: '+44 7400 123456' })
    expect((await example.ask('POST', '/login/sms-otp', { code: await example.code() })).body.status).toBe('complete')
    expect((await example.ask('GET', '/account')).text).toBe('Hello +447400123456.')
  })

  it('the example sign-up leaves the new user logged in with both factors', async () => {
    example = await started('sign-up')
    await example.ask('POST', '/sign-up', { name: 'ada', password: 'lovelace', phone: '+447400123456' })
    expect((await example.ask('POST', '/sign-up/confirm', { code: await example.code() })).body).toEqual({ id: 'ada', amr: ['pwd', 'sms', 'mfa'] })
    expect((await example.ask('GET', '/account')).body).toEqual({ id: 'ada' })
  })

  it('the example tenant-policies texts every user of the bank, and of the blog the editors alone', async () => {
    example = await started('tenant-policies')
    expect((await example.ask('POST', '/login/local', { username: 'bob', password: 'builder' })).body.status).toBe('complete')
    expect((await logIn(example, { username: 'eve', password: 'editor' })).body.status).toBe('complete')
    expect((await logIn(example)).body.status).toBe('complete')
    expect((await example.ask('GET', '/account')).text).toContain('Hello ada of bank')
  })

  it('the example own-pages-ejs shows its own pages to a browser', async () => {
    example = await started('own-pages-ejs')
    const html = { accept: 'text/html', 'sec-fetch-site': 'same-origin' }
    const post = async (path: string, fields: Record<string, string>) => {
      const response = await example.browser.request(example.address + path, {
        method: 'POST', headers: { ...html, 'content-type': 'application/x-www-form-urlencoded' }, body: String(new URLSearchParams(fields)),
      })
      return response.headers.get('location')
    }
    expect((await example.ask('GET', '/login', undefined, html)).text).toContain('<h1>Log in to Acme</h1>')
    expect(await post('/login', { ...password, password: 'wrong' })).toBe('/login')
    expect((await example.ask('GET', '/login', undefined, html)).text).toContain('role="alert"')
    expect(await post('/login', password)).toBe('/login/code')
    expect((await example.ask('GET', '/login/code', undefined, html)).text).toContain('Enter the code we texted you')
    expect(await post('/login/code', { code: await example.code() })).toBe('/account')
    expect((await example.ask('GET', '/account')).text).toBe('Hello ada.')
  })

  it('the example spa-other-origin takes posts of its page\'s origin, and of no other', async () => {
    example = await started('spa-other-origin')
    const [, origin] = /(http:\/\/localhost:\d+)\/ talks to/.exec(example.printed())!
    expect(await (await fetch(`${origin}/`)).text()).toContain(example.address)
    const from = (one: string) => ({ origin: one, 'sec-fetch-site': 'same-site' })
    expect((await example.ask('POST', '/login/local', password, from('http://localhost:1'))).body.code).toBe('cross_site')
    expect((await example.ask('POST', '/login/local', password, from(origin!))).body.status).toBe('pending')
    expect((await example.ask('POST', '/login/sms-otp', { code: await example.code() }, from(origin!))).body.status).toBe('complete')
  })

  it('the example social-then-text goes to the provider and back, and then texts', async () => {
    example = await started('social-then-text')
    const { body } = await example.ask('POST', '/login/github', {})
    const callback = await example.browser.follow(body.url, `${example.address}/login/github/callback`)
    const back = await example.browser.request(callback, { headers: { accept: 'text/html', 'sec-fetch-site': 'same-site' } })
    expect(back.headers.get('location')).toBe('/login')
    await example.ask('POST', '/login/sms-otp/challenge', {})
    expect((await example.ask('POST', '/login/sms-otp', { code: await example.code() })).body.status).toBe('complete')
  })

  it('the example number-verification logs in on mobile data without a text, and on Wi-Fi by a text that left by itself', async () => {
    example = await started('number-verification')
    const { ask, browser, address, code, printed } = example
    const overTheNetwork = async () => {
      const { body } = await ask('POST', '/login/local', password)
      const callback = await browser.follow(body.url, `${address}/login/number-verification/callback`)
      return ask('GET', callback.slice(address.length))
    }
    expect((await overTheNetwork()).body).toMatchObject({ status: 'complete', amr: ['pwd', 'pop', 'mfa'] })
    expect((await ask('GET', '/account')).text).toBe('Hello ada, you proved pwd + pop + mfa.')
    expect(printed()).not.toContain('Acme code')

    await ask('POST', '/logout', {})
    await ask('POST', '/handset/lines/447400123456/network', { network: 'wifi' })
    expect((await overTheNetwork()).body).toMatchObject({ status: 'pending', factors: [{ factor: 'sms-otp', challenge: {} }] })
    expect((await ask('POST', '/login/sms-otp', { code: await code() })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'sms', 'mfa'] })
  })

  it('the example mobile-connect asks the user on the handset', async () => {
    example = await started('mobile-connect')
    await example.ask('POST', '/login/local', password)
    const { body } = await example.ask('POST', '/login/mobileconnect', {})
    const waiting = await example.browser.follow(body.url, example.address)
    await answer('approve')
    const callback = await example.browser.follow(waiting, `${example.address}/login`)
    await example.browser.request(callback)
    expect((await example.ask('GET', '/account')).text).toMatch(/^Hello ada, you proved pwd \+ mca/)
  })

  it('the example mobile-connect-backchannel lets the page wait while the phone rings', async () => {
    example = await started('mobile-connect-backchannel')
    await example.ask('POST', '/login/local', password)
    expect((await example.ask('POST', '/login/mobileconnect', {})).body).toMatchObject({ status: 'pending' })
    await answer('approve')
    let polled = await example.ask('POST', '/login/mobileconnect', {})
    while (polled.body.status === 'pending') {
      await new Promise((resolve) => { setTimeout(resolve, 1000 * Number(polled.retryAfter)) })
      polled = await example.ask('POST', '/login/mobileconnect', {})
    }
    expect(polled.body.status).toBe('complete')
  })
})

/** What the person says on the handset, once it asks. */
async function answer(what: 'approve' | 'deny') {
  for (;;) {
    const { body } = await example.ask('GET', '/handset/prompts?msisdn=%2B447700900001')
    const [prompt] = body.prompts ?? body
    if (prompt) return example.ask('POST', `/handset/prompts/${prompt.id}/${what}`, {})
  }
}

describeWithRedis('The example redis-two-processes', () => {
  it('the example redis-two-processes goes on in the second process with a login that began in the first', async () => {
    const env = { REDIS_URL: sharedRedisUrl()!, SECRET: 'b3d94e1f7a6c5d8e9f0a1b2c3d4e5f60' }
    const second = await started('redis-two-processes', env)
    example = await started('redis-two-processes', env)
    const post = (address: string, path: string, body: object, cookie = '') => fetch(address + path, {
      method: 'POST', headers: { accept: 'application/json', 'content-type': 'application/json', cookie }, body: JSON.stringify(body),
    })
    const begun = await post(example.address, '/login/local', password)
    // A browser keeps cookies by host, whatever the port.
    const cookie = begun.headers.getSetCookie().map((line) => line.split(';', 1)[0]).join('; ')
    const ended = await post(second.address, '/login/sms-otp', { code: await example.code() }, cookie)
    expect([ended.status, await ended.json()]).toMatchObject([200, { status: 'complete' }])
  })
})

describe('Every example', () => {
  it('every example is listed with what it shows, and is at most 100 lines long', () => {
    const listed = listExamples()
    for (const file of singles) {
      expect(listed).toContain(`npm run example ${parse(file).name}\n`)
      expect(readFileSync(join(folder, 'single', file), 'utf8').split('\n').length).toBeLessThanOrEqual(100)
    }
    expect(readFileSync(join(folder, 'quickstart/app.mjs'), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(30)
  })

  it('every example is run by a test of its own', () => {
    const tests = readdirSync(__dirname).filter((file) => file.endsWith('.test.ts')).map((file) => readFileSync(join(__dirname, file), 'utf8')).join('\n')
    for (const file of singles) expect(tests).toContain(`started('${parse(file).name}'`)
  })
})
