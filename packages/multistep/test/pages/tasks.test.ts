import { en } from '../../src/locales/en.js'
import { withMessages } from '../../src/locales/messages.js'
import { directionOf } from '../../src/pages/format.js'
import type { FactorState, State } from '../../src/state/state.js'
import {
  anonymous, authenticator, context, inSeconds, mobileConnect, now, onThePhone, password, pending, phoneNumber, recoveryCode, renderPage, stepUp, texted,
  toBeTexted,
} from '../support/page-states.js'

const texts = (markup: string): string => markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').replace(/ ([.,:])/g, '$1').trim()
const page = (state: State, more: object = {}): string => renderPage('login', state, { ...context, ...more })
const headingOf = (html: string): string => /<h1[^>]*>([^<]*)<\/h1>/.exec(html)![1]!
const inputOf = (html: string): string => /<input id[^>]*>/.exec(html)![0]
const problem = (code: string, more: object = {}) => ({ code, message: 'English.', status: 401, ...more })

describe('the heading of the login page', () => {
  it.each<[string, State]>([
    ['Log in', anonymous([password])],
    ['Log in', anonymous([phoneNumber])],
    ['Enter the code we texted you', anonymous([texted])],
    ['Enter the code we texted you', pending([texted])],
    ['We will text you a code', pending([toBeTexted])],
    ['Where can we text you?', pending([phoneNumber])],
    ['Open your authenticator app', pending([authenticator])],
    ['Enter a recovery code', pending([recoveryCode])],
    ['Confirm with your phone', pending([mobileConnect])],
    ['Check your phone', pending([onThePhone])],
    ['The request has expired', pending([{ ...onThePhone, challenge: { ...onThePhone.challenge, expiresAt: inSeconds(0) } }])],
    ['This code no longer works', pending([{ ...texted, challenge: { ...texted.challenge, expiresAt: inSeconds(-1) } }])],
    ['This code no longer works', pending([{ ...texted, challenge: { ...texted.challenge, attemptsLeft: 0 } }])],
    ['Enter your password', stepUp([password])],
    ['Enter the code we sent you', pending([{ ...texted, factor: 'mail' }])],
    ['Continue with Badge', pending([{ ...authenticator, factor: 'badge', label: 'Badge' }])],
    ['Confirm that it is you', pending([])],
  ])('the heading says the task: %s', (heading, state) => {
    expect(headingOf(page(state))).toBe(heading)
  })

  it('the heading is the only one where one factor is open', () => {
    expect(page(pending([texted]))).not.toContain('<h2')
  })

  it('the title says that something went wrong', () => {
    expect(page(pending([texted], { problem: problem('code_wrong') }))).toContain('<title>Error: Enter the code we texted you</title>')
    expect(page(pending([texted]))).toContain('<title>Enter the code we texted you</title>')
  })
})

describe('one mistake', () => {
  it.each<[string, FactorState]>([['code_wrong', texted], ['code_wrong', recoveryCode], ['factor_failed', authenticator], ['factor_failed', { ...authenticator, factor: 'badge' }]])('a wrong code has one wording, told as %s', (code, factor) => {
    expect(page(pending([factor], { problem: problem(code) }))).toContain('That code is not right.')
  })

  it('a wrong password has another wording than a wrong code', () => {
    expect(page(anonymous([password], { problem: problem('factor_failed') }))).toContain('English.')
  })

  it.each(['code_wrong', 'code_missing', 'factor_failed'])('a mistake marks the field that it was made in: %s', (code) => {
    expect(inputOf(page(pending([texted], { problem: problem(code) })))).toContain('aria-invalid="true"')
  })

  it.each(['factor_locked', 'send_throttled', 'cross_site'])('a problem that no field caused leaves the field unmarked: %s', (code) => {
    expect(inputOf(page(pending([texted], { problem: problem(code) })))).not.toContain('aria-invalid')
  })
})

describe('the last guess', () => {
  const spent = (challenge: object): FactorState => ({ ...texted, challenge: { to: '…456', expiresAt: inSeconds(200), attemptsLeft: 0, ...challenge } })

  it('the last guess says to ask for a new code, and when', () => {
    const html = page(pending([spent({ resendAt: inSeconds(30) }), recoveryCode], { problem: problem('code_wrong', { attemptsLeft: 0 }) }))
    expect(texts(html)).toContain('That was the last try. Ask for a new code. Send a new code You can ask for it again in 30 seconds. Try another way Recovery code')
    expect(html).not.toContain('name="code"')
  })

  it('the last guess says to choose another way where no code can be sent', () => {
    const html = page(pending([spent({}), recoveryCode]))
    expect(texts(html)).toContain('We cannot send another code now. Choose another way, or start over. Try another way Recovery code')
    expect(html).not.toContain('/login/sms-otp/challenge')
  })
})

describe('a lock', () => {
  it.each(['factor_locked', 'locked'])('a lock of %s says when to try again and that there are other ways, and keeps the button inactive until then', (code) => {
    const html = page(pending([authenticator, recoveryCode], { problem: problem(code, { retryAfter: 900 }) }))
    expect(texts(html)).toContain('Try again in 15 minutes. Or choose another way below.')
    expect(html).toContain(`<form method="post" action="/login/totp" data-wait="${inSeconds(900)}"`)
    expect(html).toContain(`<span data-until="${inSeconds(900)}">`)
  })

  it('a lock names no other way where there is none', () => {
    expect(page(pending([authenticator], { problem: problem('factor_locked', { retryAfter: 900 }) }))).not.toContain('another way')
  })

  it('a lock of texts keeps the button that sends one inactive', () => {
    expect(page(pending([toBeTexted], { problem: problem('send_throttled', { retryAfter: 60 }) })))
      .toContain(`action="/login/sms-otp/challenge" data-wait="${inSeconds(60)}"`)
  })
})

describe('a number that the person gave', () => {
  const captured = { ...texted, beginFields: ['phone'] }

  it('a number that the user gave can be given anew while its code is on its way', () => {
    expect(page(pending([captured]))).toContain('<a href="/login?factor=sms-otp&amp;another=1">Use another number</a>')
    const html = page(pending([captured]), { another: true, chosen: 'sms-otp' })
    expect(headingOf(html)).toBe('Where can we text you?')
    expect(inputOf(html)).toContain('name="phone"')
    expect(html).toContain('action="/login/sms-otp/challenge"')
  })

  it('a number of the account cannot be given anew: there is no other one', () => {
    expect(page(pending([texted]))).not.toContain('Use another number')
    expect(headingOf(page(pending([texted]), { another: true }))).toBe('Enter the code we texted you')
  })

  it('a number stays in its field when it was refused', () => {
    const html = page(pending([{ ...phoneNumber, prefill: { phone: '07400 12' } }], { problem: problem('phone_invalid') }))
    expect(inputOf(html)).toContain('value="07400 12"')
    expect(inputOf(html)).toContain('aria-invalid="true"')
  })
})

describe('the direction of a page', () => {
  it.each([['ar', 'rtl'], ['he-IL', 'rtl'], ['fa', 'rtl'], ['ur-PK', 'rtl'], ['az-Arab', 'rtl'], ['en', 'ltr'], ['de-AT', 'ltr'], ['ja', 'ltr'], ['no tag', 'ltr'], ['', 'ltr']])('the direction of %j is %s', (lang, direction) => {
    expect(directionOf(lang)).toBe(direction)
  })

  it('the document says its direction, and numbers, codes and accounts have their own', () => {
    const messages = withMessages(en, { lang: 'ar' })
    const html = page(pending([texted]), { messages, account: 'ada' })
    expect(html).toContain('<html lang="ar" dir="rtl"')
    expect(html).toContain('<bdi dir="ltr">+44 •••• •••123</bdi>')
    expect(html).toContain('<bdi dir="auto">ada</bdi>')
  })
})

describe('a request on the phone', () => {
  it('a request on the phone is asked after by the script, for as long as it lives, and by a button', () => {
    const html = page(pending([onThePhone]), { home: '/account' })
    expect(html).toContain(`data-poll data-done="/account" data-life="${inSeconds(120)}"`)
    expect(html).toContain('<noscript><meta http-equiv="refresh" content="121"></noscript>')
  })

  it('a request on the phone that has expired is shown no more, and can be made again', () => {
    const html = page(pending([onThePhone]), { now: now + 120_000 })
    expect(html).not.toContain('KIWI-42')
    expect(html).not.toContain('data-poll')
    expect(html).toContain('class="primary">Ask again</button>')
  })
})
