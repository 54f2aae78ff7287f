import type { Express as ExpressApp } from 'express'
import { Strategy as TotpStrategy } from 'passport-totp'
import type { MultistepOptions } from '../../src/index.js'
import { browser, buildApp, pin, Scripted } from '../support/app.js'
import { device, operator, texting, texts } from '../support/factors.js'

const known = { totp: { enrolled: () => true }, mobileconnect: { enrolled: () => true } }

/** Its pages are in whatever the header `x-language` says. */
type Routes = (app: ExpressApp, login: any) => void
const speaking = (more: Partial<MultistepOptions> = {}, strategies: Scripted[] = [], routes: Routes = () => undefined) => buildApp({
  strategies: [new TotpStrategy({}, (_user: unknown, done: any) => done(null, Buffer.from('key'), 30)) as never, operator('mobileconnect'), ...strategies],
  options: {
    steps: ['local', { type: 'anyOf', factors: ['totp', 'mobileconnect'] }],
    factors: known,
    locale: (req) => req.headers['x-language'] as string | undefined,
    ...more,
  },
  routes,
})
const visitor = ({ app }: { app: ExpressApp }, language: string) => {
  const browsing = browser(app)
  const set = (request: any) => request.set('x-language', language)
  return {
    ...browsing,
    page: async (path: string) => (await set(browsing.page(path))).text as string,
    form: (path: string, body?: object) => set(browsing.form(path, body)) as ReturnType<typeof browsing.form>,
  }
}
const wrong = { username: 'ada', password: 'wrong' }
const right = { username: 'ada', password: 'lovelace-1815' }

describe('the language of the pages', () => {
  it.each([['de-AT', 'de-AT', 'Anmelden', 'Das war nicht richtig. Bitte versuchen Sie es noch einmal.'], ['fr', 'fr', 'Se connecter', 'Ce n’était pas correct. Veuillez réessayer.'],
    ['es-MX', 'es-MX', 'Iniciar sesión', 'No es correcto. Inténtelo de nuevo.'], ['it', 'en', 'Log in', 'That was not right. Try again.']])('the pages are in the language of the request: %s', async (tag, lang, heading, refusal) => {
    const ada = visitor(speaking(), tag)
    await ada.form('/login/local', wrong)
    const page = await ada.page('/login')
    expect(page).toContain(`<html lang="${lang}"`)
    expect(page).toContain(`<h1>${heading}</h1>`)
    expect(page).toContain(refusal)
  })

  it('the pages are in English where the app names no language, or false, as acceptsLanguages does', async () => {
    expect(await visitor(speaking({ locale: undefined as never }), 'de').page('/login')).toContain('<html lang="en"')
    expect(await visitor(speaking({ locale: () => false }), 'de').page('/login')).toContain('<html lang="en"')
  })

  it('the pages can follow the language of the browser: req.acceptsLanguages', async () => {
    const { app } = speaking({ locale: (req) => req.acceptsLanguages('en', 'de') })
    const page = await browser(app).page('/login').set('Accept-Language', 'it, de-CH;q=0.8, en;q=0.5')
    expect(page.text).toContain('<html lang="de"')
    expect(page.headers['content-language']).toBe('de')
  })

  it('the language of the pages may be a promise', async () => {
    expect(await visitor(speaking({ locale: async () => 'fr' }), 'x').page('/login')).toContain('<html lang="fr"')
  })

  it('the pages name the known factors in their language, but for those that the app has named', async () => {
    const built = speaking({ factors: { ...known, mobileconnect: { enrolled: () => true, label: 'Handy' } } })
    const ada = visitor(built, 'de')
    await ada.form('/login/local', right)
    const page = await ada.page('/login')
    expect(page).toContain('<h1>Öffnen Sie Ihre Authenticator-App</h1>')
    expect(await ada.page('/login?factor=mobileconnect')).toContain('>Authenticator-App</a>')
    expect(page).toContain('Weiter mit Handy')
    expect(page).not.toContain('Authenticator app')
  })

  it('JSON answers have no language: codes and sentences stay as they are', async () => {
    const { app } = speaking()
    const answer = await browser(app).post('/login/local', wrong).set('x-language', 'de')
    expect(answer.body).toMatchObject({ code: 'factor_failed', detail: 'That was not right. Try again.' })
    const state = await browser(app).get('/login').set('x-language', 'de')
    expect(state.body.factors).toMatchObject([{ factor: 'local', label: 'Password' }])
  })

  it('the pages word a refusal by its code, and one without a known code in its own words', async () => {
    const failing = new Scripted('totp', function (req) { this.fail(req.body.code === '1' ? { code: 'locked', message: 'Too many wrong codes. Try again later.', retryAfter: 90 } as never : { code: 'gone_fishing', message: 'Bin angeln.' } as never, 403) })
    const built = speaking({}, [failing])
    const ada = visitor(built, 'de')
    await ada.form('/login/local', right)
    await ada.form('/login/totp', { code: '1' })
    const page = (await ada.page('/login')).replace(/<[^>]*>/g, '').replace(/\s+/g, ' ')
    expect(page).toContain('Zu viele falsche Codes. Bitte warten Sie noch 90 Sekunden.')
    await ada.form('/login/totp', { code: '2' })
    expect(await ada.page('/login')).toContain('Bin angeln.')
  })

  it('the pages keep the words in which an app refuses a number, and have their own where the app has none', async () => {
    let message = 'Diese Nummer hat schon jemand.'
    const built = speaking({}, [new Scripted('totp', function () { this.fail({ code: 'phone_rejected', message } as never, 409) })])
    const ada = visitor(built, 'de')
    await ada.form('/login/local', right)
    await ada.form('/login/totp', { code: '1' })
    expect(await ada.page('/login')).toContain('Diese Nummer hat schon jemand.')
    message = 'This phone number cannot be used.'
    await ada.form('/login/totp', { code: '2' })
    expect(await ada.page('/login')).toContain('Diese Telefonnummer kann nicht verwendet werden.')
  })

  it.each([
    ['cross_site', 403, 'Diese Anfrage kam von einer anderen Website.', (built: any) => browser(built.app).agent.post('/login/local').set('Accept', 'text/html').set('Sec-Fetch-Site', 'cross-site').type('form').send(wrong)],
    ['method_not_allowed', 405, 'So kann diese Seite nicht aufgerufen werden.', (built: any) => browser(built.app).page('/login/local')],
    ['body_unreadable', 415, 'Was gesendet wurde, ist nicht lesbar.', (built: any) => browser(built.app).agent.post('/login/local').set('Accept', 'text/html').set('Sec-Fetch-Site', 'same-origin').type('text/plain').send('hello')],
  ])('the page of a refusal that no step can show is in the language of the request: %s', async (_, status, sentence, ask) => {
    const answer = await ask(speaking()).set('x-language', 'de')
    expect(answer.status).toBe(status)
    expect(answer.text).toContain('<html lang="de"')
    expect(answer.text).toContain(sentence)
    expect(answer.text).toContain('>Zur Anmeldung</a>')
    expect(answer.headers['content-security-policy']).toContain('default-src \'none\'')
  })

  it('the page of a step that broke is in the language of the request', async () => {
    const broken = new Scripted('totp', function () { this.error(new Error('no database')) })
    const built = speaking({}, [broken])
    built.login.on('step.failed', () => undefined)
    const ada = visitor(built, 'es')
    await ada.form('/login/local', right)
    const answer = await ada.form('/login/totp', { code: '1' })
    expect(answer.status).toBe(503)
    expect(answer.text).toContain('<h1>No es posible en este momento</h1>')
    expect(answer.text).toContain('Este paso no es posible en este momento. Inténtelo de nuevo o elija otra forma.')
  })

  it('a language that cannot be found out breaks the request of a page alone: JSON is answered', async () => {
    const { app } = speaking({ locale: () => { throw new Error('the database of languages') } })
    const answer = await browser(app).page('/login')
    expect(answer.status).toBe(500)
    expect(answer.body).toMatchObject({ handled: true })
    expect((await browser(app).get('/login')).status).toBe(200)
  })
})

describe('sentences of the app', () => {
  it('sentences of the app stand on top of any locale', async () => {
    const built = speaking({ messages: { logIn: 'Acme', problems: { factor_failed: 'Nope.' } } })
    const page = await visitor(built, 'de').page('/login')
    expect(page).toContain('<h1>Acme</h1>')
    expect(page).toContain('Benutzername')
  })

  it('the app\'s own sentences may be in the language of the locale, or in another language', async () => {
    const asked: string[] = []
    const built = speaking({
      messages: (locale) => {
        asked.push(locale)
        return locale === 'it' ? { lang: 'it', logIn: 'Accedi', fields: { password: 'Parola d’ordine' } } : undefined
      },
    })
    const italian = await visitor(built, 'it').page('/login')
    expect(italian).toContain('<html lang="it"')
    expect(italian).toContain('<h1>Accedi</h1>')
    expect(italian).toContain('>Parola d’ordine</label>')
    expect(await visitor(built, 'de-AT').page('/login')).toContain('<h1>Anmelden</h1>')
    expect(await visitor(built, '').page('/login')).toContain('<h1>Log in</h1>')
    expect(asked).toEqual(['it', 'de-AT', 'en'])
  })

  it('sentences of the app that no page has are refused, at start-up or when they are given', async () => {
    expect(() => speaking({ messages: { login: 'Acme' } as never })).toThrow('there is no option \'messages.login\'. Did you mean logIn?')
    expect(() => speaking({ messages: 'de' as never })).toThrow('messages is an object, or a function that returns one')
    expect(() => speaking({ locale: 'de' as never })).toThrow('locale is a function, such as (req) => req.acceptsLanguages')
    const answer = await browser(speaking({ messages: () => ({ login: 'Acme' }) as never }).app).page('/login')
    expect(answer.body).toMatchObject({ message: expect.stringContaining('Did you mean logIn?') })
  })

  it('sentences of the app name the values that are confirmed', async () => {
    const { strategy } = texts('text')
    const built = speaking({ steps: ['local', 'text'], factors: { text: texting }, messages: { fields: { amount: 'Betrag' } } }, [strategy, pin()], (app, login) => {
      app.post('/pay', login.require({ factors: 'text', bind: (req: any) => ({ amount: req.body.amount }) }), (_req, res) => { res.send('paid') })
    })
    const ada = visitor(built, 'de')
    await ada.form('/login/local', right)
    await ada.form('/login/text', { code: 'code of text 1' })
    const asked = await ada.form('/pay', { amount: '12' })
    const page = await ada.page(asked.headers.location!)
    expect(page).toContain('<dt>Betrag</dt><dd dir="auto">12</dd>')
    expect(page).toContain('<p class="kicker">Bitte bestätigen Sie, dass Sie es sind</p>')
  })

  it('sentences of the app tell a step-up that is over from a login that is over', async () => {
    const built = speaking({ steps: ['local', 'pin'], factors: { pin: device } }, [pin()])
    const ada = visitor(built, 'de')
    await ada.form('/login/local', right)
    await ada.form('/login/pin', { code: '246810' })
    await ada.form('/login/pin', { code: '246810', for: 'gone' })
    expect(await ada.page('/login')).toContain('Was Sie bestätigen wollten, ist erledigt oder abgelaufen.')
  })
})
