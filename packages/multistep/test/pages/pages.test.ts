import { Script } from 'node:vm'
import type { FactorState } from '../../src/state/state.js'
import { en as english } from '../../src/locales/en.js'
import { withMessages } from '../../src/locales/messages.js'
import { assetsFor } from '../../src/pages/assets/assets.js'
import { contentSecurityPolicy } from '../../src/pages/content-security-policy.js'
import {
  anonymous, authenticator, complete, context, inSeconds, mobileConnect, now, onThePhone,
  password, pending, phoneNumber, recoveryCode, renderPage, stepUp, texted, toBeTexted,
} from '../support/page-states.js'

const formsOf = (page: string): string[] => page.match(/<form [\s\S]*?<\/form>/g) ?? []
const formTo = (page: string, action: string): string => {
  const forms = formsOf(page).filter((form) => form.includes(`action="${action}"`))
  expect(forms).toHaveLength(1)
  return forms[0]!
}
const inputIn = (markup: string, name: string): string => {
  const found = (markup.match(/<input [^>]*>/g) ?? []).filter((input) => input.includes(` name="${name}"`))
  expect(found).toHaveLength(1)
  return found[0]!
}
const fieldNames = (form: string): string[] => [...form.matchAll(/<input (?!type="hidden")[^>]* name="([^"]*)"/g)].map((match) => match[1]!)
const openOf = (page: string): string => /<section>[\s\S]*?<\/section>/.exec(page)![0]
const waysOf = (page: string): string[] => [.../<nav [\s\S]*?<\/nav>/.exec(page)![0].matchAll(/<li>([\s\S]*?)<\/li>/g)].map((match) => match[1]!)
const texts = (markup: string): string => markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').replace(/ ([.,:])/g, '$1').trim()

describe('every page', () => {
  const pages = {
    login: renderPage('login', anonymous([password, phoneNumber, mobileConnect]), context),
    redirect: renderPage('redirect', anonymous([mobileConnect]), { ...context, redirectTo: 'https://operator.example/' }),
    unavailable: renderPage('unavailable', pending([toBeTexted, mobileConnect]), context),
    complete: renderPage('complete', complete(), context),
  }

  it.each(Object.entries(pages))('every page is one whole document with its language, one h1 and a viewport: %s', (_, page) => {
    expect(page).toMatch(/^<!DOCTYPE html>\n<html lang="en" dir="ltr"/)
    expect(page.match(/<h1[ >]/g)).toHaveLength(1)
    expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">')
  })

  it.each(Object.entries(pages))('every page holds no inline script, style or handler: %s', (_, page) => {
    expect(page).not.toMatch(/<style|\sstyle=|<[^>]+\son\w+=|javascript:/i)
    expect(page.match(/<script[\s\S]*?<\/script>/g)).toEqual([expect.stringMatching(/^<script src="\/login\/assets\/code\.js\?v=[\w-]{8}" defer><\/script>$/)])
  })

  it.each(['login', 'unavailable'] as const)('every page posts each form with the token, and has none that gets (R-13, R-53): %s', (view) => {
    const page = pages[view]
    expect(formsOf(page)).toHaveLength(2)
    for (const form of formsOf(page)) {
      expect(form).toMatch(/^<form method="post" action="\/login\//)
      expect(inputIn(form, '_csrf')).toContain('value="token-1"')
    }
  })

  it('every page gives each input a label of its own', () => {
    const inputs = [...pages.login.matchAll(/<input (?!type="hidden")id="([^"]*)"/g)].map((match) => match[1])
    const labels = [...pages.login.matchAll(/<label for="([^"]*)"/g)].map((match) => match[1])
    expect(inputs).toEqual(['local-username', 'local-password'])
    expect(labels).toEqual(inputs)
  })

  it('every page has right links beneath a router mounted at the root', () => {
    const page = renderPage('login', pending([texted]), { ...context, loginPath: '/' })
    expect(page).toContain('href="/assets/style.css?v=')
    expect(page).toContain('action="/cancel"')
  })
})

describe('the first step', () => {
  it('the page of the first step shows the first factor open, and the others beneath "Try another way"', () => {
    const page = renderPage('login', anonymous([password, phoneNumber, mobileConnect]), context)
    const [text, operator] = waysOf(page)
    expect(texts(openOf(page))).toBe('User name Password Log in')
    expect(page).toContain('<h2 id="others">Try another way</h2>')
    expect(text).toBe('<a href="/login?factor=sms-otp">Text message</a>')
    expect(texts(formTo(operator!, '/login/mobileconnect'))).toBe('Continue with Mobile Connect')
  })

  it('the page of the first step opens the factor that the user chose', () => {
    const page = renderPage('login', anonymous([password, phoneNumber]), { ...context, chosen: 'sms-otp' })
    expect(fieldNames(openOf(page))).toEqual(['phone'])
    expect(waysOf(page)).toEqual(['<a href="/login?factor=local">Password</a>'])
  })

  it('the page of the first step opens the first factor when the chosen one is not of this step', () => {
    const page = renderPage('login', anonymous([password, phoneNumber]), { ...context, chosen: 'constructor' })
    expect(fieldNames(openOf(page))).toEqual(['username', 'password'])
  })

  it('the page of the first step opens the factor whose challenge is under way, and offers to start over', () => {
    const page = renderPage('login', anonymous([password, texted]), context)
    expect(fieldNames(openOf(page))).toEqual(['code'])
    expect(texts(formTo(page, '/login/cancel'))).toBe('Start over')
  })

  it('the page of the first step offers no start over before anything was begun', () => {
    expect(renderPage('login', anonymous([password, phoneNumber]), context)).not.toContain('/login/cancel')
  })

  it('the page of the first step says which step it is, unless there is only one', () => {
    expect(renderPage('login', anonymous([password]), context)).toContain('<p class="kicker">Step 1 of 2</p>')
    expect(renderPage('login', anonymous([password], { steps: 1 }), context)).not.toContain('class="kicker"')
  })
})

describe('a step after the first', () => {
  it('the page of a later step says how far the login has come and what to do, and offers to start over', () => {
    const page = renderPage('login', pending([authenticator]), context)
    expect(page).toContain('<p class="kicker">Step 2 of 2</p>\n<h1>Open your authenticator app</h1>')
    expect(texts(formTo(page, '/login/cancel'))).toBe('Start over')
  })

  it('the page of a later step says so when the user has no factor for it', () => {
    const page = renderPage('login', pending([]), context)
    expect(page).toContain(english.noFactors)
    expect(formsOf(page)).toHaveLength(1)
    const changed = { code: 'plan_changed', message: 'Begin again.', status: 409 }
    expect(renderPage('login', pending([], { problem: changed }), context)).not.toContain(english.noFactors)
  })

  it('the page of a step-up names the requirement in every form and link, and shows what is being confirmed', () => {
    const page = renderPage('login', stepUp([texted, mobileConnect, recoveryCode]), context)
    expect(page).toContain('<p class="kicker">Confirm that it is you</p>\n<h1>Enter the code we texted you</h1>')
    expect(texts(/<dl[\s\S]*<\/dl>/.exec(page)![0])).toBe('payee Zoë amount 120.00')
    expect(formsOf(page)).toHaveLength(4)
    for (const form of formsOf(page)) expect(inputIn(form, 'for')).toContain('value="requirement-7"')
    expect(waysOf(page)[1]).toBe('<a href="/login?for=requirement-7&amp;factor=recovery-code">Recovery code</a>')
  })
})

describe('a field', () => {
  const fieldIn = (factor: FactorState, name: string) => inputIn(renderPage('login', pending([factor]), context), name)

  it('a field has the type and autocomplete of its name', () => {
    expect(fieldIn(password, 'username')).toContain('type="text" autocomplete="username"')
    expect(fieldIn(password, 'password')).toContain('type="password" autocomplete="current-password"')
    expect(fieldIn(phoneNumber, 'phone')).toContain('type="tel" autocomplete="tel"')
  })

  it.each([
    ['numeric', 'one-time-code', texted], ['numeric', 'one-time-code', authenticator], ['text', 'off', recoveryCode],
  ])('a code is asked for with a %s keyboard as its factor needs, and is filled in (%s) only with codes that are sent or shown', (inputmode, autocomplete, factor) => {
    const input = fieldIn(factor, 'code').replace(/\s+/g, ' ')
    expect(input).toContain(`inputmode="${inputmode}"`)
    expect(input).toContain(`autocomplete="${autocomplete}"`)
    expect(input).not.toMatch(/maxlength|pattern/)
  })

  it('a field with an unknown name is a text field labelled with its name', () => {
    const page = renderPage('login', pending([{ ...authenticator, factor: 'ldap', fields: ['department'] }]), context)
    expect(inputIn(page, 'department')).toContain('type="text"')
    expect(page).toContain('<label for="ldap-department">department</label>')
  })

  it('a field shows its known value, and gives the focus to the first field without one', () => {
    const page = renderPage('login', anonymous([{ ...password, prefill: { username: 'ada' } }]), context)
    expect(inputIn(page, 'username')).toContain('value="ada"')
    expect(inputIn(page, 'username')).not.toContain('autofocus')
    expect(inputIn(page, 'password')).toContain('autofocus')
  })

  it.each(['password', 'code'])('a field never shows a %s', (name) => {
    expect(renderPage('login', anonymous([{ ...password, fields: [name], prefill: { [name]: 'hunter2' } }]), context)).not.toContain('hunter2')
  })

  it('a field is described by the problem', () => {
    const problem = { code: 'factor_failed', message: 'That is wrong.', status: 401 }
    const page = renderPage('login', anonymous([phoneNumber], { problem }), context)
    expect(page).toContain('<div class="problem" id="problem" role="alert">')
    expect(inputIn(page, 'phone')).toContain('aria-describedby="sms-otp-phone-hint problem"')
  })
})

describe('a problem', () => {
  const alert = (problem: object, messages = english) => texts(/<div class="problem"[\s\S]*?<\/div>/.exec(
    renderPage('login', anonymous([password], { problem: { code: 'odd', message: 'Too many attempts.', status: 429, ...problem } }), { ...context, messages }))![0])

  it.each([[1, '1 second'], [45, '45 seconds'], [90, '90 seconds'], [121, '3 minutes'], [900, '15 minutes'], [7201, '3 hours'], [86_400, '24 hours']])('a problem says in words when to try again: %d', (retryAfter, words) => {
    expect(alert({ retryAfter })).toBe(`Too many attempts. Try again in ${words}.`)
  })

  it('a problem says how many tries are left, and says it once', () => {
    expect(alert({ attemptsLeft: 0 })).toBe('Too many attempts.')
    expect(alert({ attemptsLeft: 1 })).toBe('Too many attempts. 1\u00a0try left.'.replace('\u00a0', ' '))
    const page = renderPage('login', pending([texted], { problem: { code: 'code_wrong', message: 'Wrong.', status: 401, attemptsLeft: 4 } }), context)
    expect(page.match(/\d\stries left/g)).toEqual(['4\u00a0tries left'])
  })

  it('a problem does not say twice when to try again', () => {
    expect(alert({ code: 'factor_locked', message: 'Too many attempts. Try again later.', retryAfter: 900 })).toBe('Too many attempts in a row. Try again in 15 minutes.')
  })

  it('a problem is put in the words of the locale, by its code', () => {
    expect(alert({}, withMessages(english, { problems: { odd: 'Zu viele Versuche.' } }))).toBe('Zu viele Versuche.')
    expect(alert({ code: 'toString' }, english)).toBe('Too many attempts.')
  })
})

describe('a factor with a challenge', () => {
  it('a factor with a challenge asks for no code when no guess is left, and offers no text when none is left', () => {
    const spent = { ...texted, challenge: { to: '…456', attemptsLeft: 0 } }
    const page = renderPage('login', pending([spent]), context)
    expect(page).not.toContain('name="code"')
    expect(page).not.toContain('/login/sms-otp/challenge')
  })

  it('a challenge of an unknown user is begun with a number', () => {
    const form = formTo(renderPage('login', anonymous([phoneNumber]), context), '/login/sms-otp/challenge')
    expect(fieldNames(form)).toEqual(['phone'])
    expect(texts(form)).toContain('Send code')
  })

  it('a challenge of a known number is begun with a button, and the page shows which number', () => {
    const page = renderPage('login', pending([toBeTexted]), context)
    expect(fieldNames(formTo(page, '/login/sms-otp/challenge'))).toEqual([])
    expect(texts(openOf(page))).toBe('We will send it to +44 •••• •••123. Send code')
    expect(page).not.toContain('action="/login/sms-otp"')
  })

  it('a challenge under way says where the code went, until when, how often, and takes it', () => {
    const page = renderPage('login', pending([texted]), context)
    expect(texts(openOf(page))).toBe('We sent a code to +44 •••• •••123. Code Valid for 5 minutes 5 tries left Continue Send again You can ask for it again in 30 seconds.')
    expect(fieldNames(formTo(page, '/login/sms-otp'))).toEqual(['code'])
  })

  it('a challenge can be repeated, and the page says when; the button itself is left to the server', () => {
    const form = formTo(renderPage('login', pending([texted]), context), '/login/sms-otp/challenge')
    expect(form).toContain(`data-wait="${inSeconds(30)}"`)
    expect(texts(form)).toBe('Send again You can ask for it again in 30 seconds.')
    expect(form).not.toContain('disabled')
    expect(form).toContain('aria-describedby="again-note"')
  })

  it('a challenge that has expired says so, takes no code, and sends a new one', () => {
    const page = renderPage('login', pending([texted]), { ...context, now: now + 300_000 })
    expect(texts(openOf(page))).toBe('It has expired. Ask for a new one. Send a new code')
    expect(formTo(page, '/login/sms-otp/challenge')).not.toMatch(/data-wait|ask for it again/)
  })

  it('a challenge shows only what the page understands of what a strategy published', () => {
    const challenge = { to: { toString: () => 'x' }, expiresAt: 12, resendAt: 'soon', attemptsLeft: '<b>' }
    const page = renderPage('login', pending([{ ...texted, challenge }]), context)
    expect(texts(openOf(page))).toBe('We sent you a code. Code Continue Send again')
  })

  it('a challenge that is answered on the phone shows the words that the phone shows, and checks again (R-78)', () => {
    const page = renderPage('login', pending([onThePhone]), context)
    expect(page).toContain('<p class="binding" aria-describedby="answer"><bdi dir="auto">KIWI-42</bdi></p>')
    expect(texts(formTo(page, '/login/mobileconnect'))).toBe('Valid for 2 minutes Check again'.replace('2 minutes', '2 minutes'))
    expect(texts(formTo(page, '/login/mobileconnect/challenge'))).toBe('Ask again')
  })
})

describe('a factor without fields', () => {
  it.each([['redirects', mobileConnect], ['does not', { ...mobileConnect, redirects: undefined as never }]])('a factor without fields is one button when it %s', (_, factor) => {
    const page = renderPage('login', pending([factor]), context)
    expect(texts(formTo(page, '/login/mobileconnect'))).toBe('Continue with Mobile Connect')
  })

  it('a factor without fields that is begun by its challenge is one button too', () => {
    const begun = { ...mobileConnect, redirects: undefined as never, links: onThePhone.links }
    expect(texts(formTo(renderPage('login', pending([begun]), context), '/login/mobileconnect/challenge'))).toBe('Continue with Mobile Connect')
  })
})

describe('the page on the way to another site', () => {
  const redirectTo = (url: string | undefined) => renderPage('redirect', pending([mobileConnect]), { ...context, redirectTo: url })

  it('the page on the way to another site goes there by itself and has a link, both escaped', () => {
    const page = redirectTo('https://operator.example/authorize?a=1&b="><script>x</script>')
    const url = 'https://operator.example/authorize?a=1&amp;b=%22%3E%3Cscript%3Ex%3C/script%3E'
    expect(page).toContain(`<meta http-equiv="refresh" content="0;url=${url}">`)
    expect(page).toContain(`href="${url}">Continue</a>`)
    expect(texts(page)).toContain('We are taking you to operator.example.')
  })

  it.each(['/next?a=1&b=2', '/'])('the page on the way goes to a path of this site: %s', (path) => {
    expect(redirectTo(path)).toContain(`content="0;url=${path.replace('&', '&amp;')}"`)
  })

  it.each(['javascript:alert(1)', ' javascript:alert(1)', 'data:text/html,x', '//evil.example', '/\\evil.example', '/\t/evil.example', '', undefined])('the page on the way is not made for %j', (url) => {
    expect(() => redirectTo(url)).toThrow(TypeError)
  })
})

describe('the page while a silent factor is tried', () => {
  const redirectTo = 'https://id.north.example/authorize'
  const trying = (tried: string, factors: readonly FactorState[], instead: string, more: object = {}) =>
    renderPage('redirect', pending(factors), { ...context, redirectTo, tried, instead, ...more })

  it('the page while a silent factor is tried says who is asked about which number, and what happens without it', () => {
    const page = trying('number-verification', [toBeTexted], 'sms-otp', { hint: '+44 •••• •••123' })
    expect(page).toContain('<title>Checking your phone</title>')
    expect(texts(page)).toContain('We are asking id.north.example whether this phone has the number +44 •••• •••123.')
    expect(texts(formTo(page, '/login/sms-otp/challenge'))).toBe('Get a code by text instead')
  })

  it('the page while a silent factor is tried names no number that it does not know, and every other factor by its label', () => {
    const page = trying('mobileconnect', [authenticator], 'totp')
    expect(texts(page)).toContain('We are asking id.north.example whether this phone has your number.')
    expect(page).toContain('data-after="5">Continue with Authenticator app instead</a>')
  })

  it('the page while a silent factor is tried shows a hint and a label as text', () => {
    const hostile = '"><script>alert(1)</script>{to}'
    const page = trying('number-verification', [{ ...authenticator, label: hostile }], 'totp', { hint: hostile })
    expect(page).not.toContain('<script>')
    expect(texts(page)).toContain('{to}.')
  })

  it('the page while a silent factor is tried says how the code travels', () => {
    const page = trying('number-verification', [{ ...toBeTexted, channels: ['voice', 'sms'] }], 'sms-otp')
    expect(texts(formTo(page, '/login/sms-otp/challenge'))).toBe('Call me instead')
  })

  it('the page while a silent factor is tried speaks of no phone where none is asked', () => {
    expect(texts(trying('kerberos', [authenticator], 'totp'))).toContain('One moment We are taking you to id.north.example. Continue')
  })
})

describe('the page of a step that nothing of the person can take', () => {
  it('the page of a step that nothing can take leads to help and to another beginning, and to no set-up, which a password alone does not open', () => {
    const branding = { home: '/', links: [], styles: [], help: '/help' }
    const page = renderPage('login', pending([], { setUp: [{ factor: 'totp', label: 'App', page: '/login/totp/set-up' }] }), { ...context, branding })
    expect(page).not.toContain('set-up')
    expect(page).toContain('href="/help">Get help</a>')
    expect(texts(formTo(page, '/login/cancel'))).toBe('Start over')
  })

  it('a person who is logged in is led to what they can set up, and back', () => {
    const page = renderPage('refused', complete({ problem: { code: 'factor_not_enrolled', message: 'No.', status: 403 }, setUp: [{ factor: 'totp', label: 'App', page: '/login/totp/set-up' }] }), { ...context, home: '/start' })
    expect(texts(page)).toContain('Set this up first You need it to go on. Set up App Cancel')
    expect([...page.matchAll(/<a class="[^"]+" href="([^"]+)"/g)].map(([, href]) => href)).toEqual(['/login/totp/set-up', '/start'])
  })
})

describe('the page of a step that cannot be done now', () => {
  it('the page of a step that cannot be done now offers to try again and the other factors of the step', () => {
    const page = renderPage('unavailable', stepUp([toBeTexted, recoveryCode, mobileConnect]), { ...context, chosen: 'sms-otp' })
    expect(page).toContain('href="/login?for=requirement-7&amp;factor=sms-otp">Try again</a>')
    expect(formsOf(page).map((form) => /action="([^"]*)"/.exec(form)![1])).toEqual(['/login/mobileconnect', '/login/cancel'])
    expect(waysOf(page)[0]).toBe('<a href="/login?for=requirement-7&amp;factor=recovery-code">Recovery code</a>')
  })

  it('the page of a step that cannot be done now gives the reason when there is one to tell', () => {
    const problem = { code: 'store_unavailable', message: 'The store gave no answer.', status: 503, retryAfter: 5 }
    expect(texts(renderPage('unavailable', pending([], { problem }), context))).toContain('We cannot log you in right now Nothing was lost. Please try again in a moment. Try again in 5 seconds.')
  })
})

describe('the page of a completed login', () => {
  it.each([[undefined, '/'], ['/account?a=1&b=2#c', '/account?a=1&amp;b=2#c']])('the page of a completed login leads to the page first asked for: %j', (returnTo, href) => {
    const page = renderPage('complete', complete(returnTo === undefined ? {} : { returnTo }), context)
    expect(page).toContain(`<a class="primary" href="${href}">Continue</a>`)
    expect(formsOf(page)).toEqual([])
  })

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example', '/.//evil.example', 'javascript:alert(1)', 'data:text/html,x'])('the page of a completed login never leads to another site: %j (R-54, W-01, W-07)', (returnTo) => {
    expect(renderPage('complete', complete({ returnTo }), context)).toContain('<a class="primary" href="/">')
  })
})

describe('hostile text', () => {
  const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{to}&amp;`
  const factor: FactorState = {
    factor: hostile, label: hostile, hint: hostile, fields: ['phone', hostile, 'code'], prefill: { phone: hostile, [hostile]: hostile },
    links: { authenticate: hostile, challenge: hostile },
  }
  const state = (open: FactorState) => stepUp([open, factor, { ...mobileConnect, label: hostile }], {
    problem: { code: hostile, message: hostile, status: 400 }, csrfToken: hostile, requirement: { id: hostile, details: { [hostile]: hostile } },
  })

  it.each([
    ['login', 'to begin', undefined], ['login', 'of a sent code', { to: hostile }], ['login', 'of a phone prompt', { bindingMessage: hostile }],
    ['unavailable', 'to begin', undefined], ['complete', 'to begin', undefined],
  ] as const)('hostile text stays text in the view %s of a factor %s (R-80, M-25)', (view, _, challenge) => {
    const open = { ...factor, ...challenge && { challenge } }
    const page = renderPage(view, { ...state(open), returnTo: `/${hostile}` }, { ...context, chosen: hostile, loginPath: `/${hostile}` })
    expect(page).not.toMatch(/<script>|<img|"'>/)
    expect(page.match(/<script/g)).toHaveLength(1)
  })

  it('hostile text stays text in an app\'s own messages, and is not filled a second time', () => {
    const page = renderPage('login', pending([{ ...texted, challenge: { to: '{label}{to}' } }]), { ...context, messages: withMessages(english, { enterTextedCode: hostile }) })
    expect(page).not.toMatch(/<script>|<img/)
    expect(texts(page)).toContain('We sent a code to {label}{to}.')
  })

  it('a page is drawn where an app answers null for a text', () => {
    const page = renderPage('login', pending([{ ...toBeTexted, hint: null as never }]), context)
    expect(texts(openOf(page))).toBe('Send code')
  })

  it('hostile text cannot pass for markup by its shape', () => {
    const prefill = { username: { text: '<script>alert(1)</script>' } } as never
    expect(() => renderPage('login', anonymous([{ ...password, prefill }]), context)).toThrow(TypeError)
  })
})

describe('messages', () => {
  it('the messages of a page are changed one by one', () => {
    const messages = withMessages(english, { logIn: 'Sign in to Acme', fields: { username: 'E-mail' } })
    const page = renderPage('login', anonymous([password]), { ...context, messages })
    expect(page).toContain('<h1>Sign in to Acme</h1>')
    expect(page).toContain('>E-mail</label>')
    expect(page).toContain('>Password</label>')
  })

  it('the messages of a page bring the language of the document and of the times', () => {
    const messages = withMessages(english, { lang: 'de', validFor: 'Läuft in {time} ab.' })
    const page = renderPage('login', pending([texted]), { ...context, messages })
    expect(page).toContain('<html lang="de"')
    expect(page).toContain('Läuft in <span>5 Minuten</span> ab.')
  })
})

describe('contentSecurityPolicy()', () => {
  it('contentSecurityPolicy() allows the pages\' own style sheet, script and forms, and nothing else (R-55, W-17 at router)', () => {
    expect(contentSecurityPolicy()).toBe('default-src \'none\'; style-src \'self\'; script-src \'self\'; connect-src \'self\'; img-src \'self\' data:; form-action \'self\'; frame-ancestors \'none\'; base-uri \'none\'')
  })

  it('contentSecurityPolicy() lets forms end up at further origins', () => {
    expect(contentSecurityPolicy({ formAction: ['https://operator.example/authorize', 'http://127.0.0.1:3000'] }))
      .toContain('form-action \'self\' https://operator.example http://127.0.0.1:3000;')
  })

  it.each(['*', '\'unsafe-inline\'', 'https:', 'data:text/html,x', ''])('contentSecurityPolicy() refuses %j, which is no origin', (origin) => {
    expect(() => contentSecurityPolicy({ formAction: [origin] })).toThrow(TypeError)
  })
})

describe('assets', () => {
  it('the assets are the style sheets and a script that parses', () => {
    const assets = assetsFor()
    expect(Object.entries(assets).map(([name, { type }]) => [name, type])).toEqual([
      ['style.css', 'text/css; charset=utf-8'], ['theme.css', 'text/css; charset=utf-8'], ['code.js', 'text/javascript; charset=utf-8'],
      ['wallet.js', 'text/javascript; charset=utf-8'],
    ])
    for (const name of ['code.js', 'wallet.js'] as const) expect(() => new Script(assets[name].body)).not.toThrow()
  })

  it('the script that asks a wallet has at most 2 KB, and has no comment in it', () => {
    const { body } = assetsFor()['wallet.js']
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(2048)
    expect(body).not.toMatch(/^\s*\/\//m)
  })
})
