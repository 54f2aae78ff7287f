import { confirmationOver, problemOf, type MultistepCode } from '../../src/lib/errors.js'
import type { Messages } from '../../src/locales/messages.js'
import type { DeviceState, FactorState, State } from '../../src/state/state.js'
import {
  anonymous, authenticator, complete, context, inSeconds, mobileConnect, onThePhone, password, pending, phoneNumber, recoveryCode,
  renderPage, stepUp, texted, toBeTexted,
} from './page-states.js'

const device = (id: string, label?: string): DeviceState => ({
  id, createdAt: inSeconds(-86_400), lastUsedAt: inSeconds(-3600), expiresAt: inSeconds(29 * 86_400), current: id === 'd1',
  links: { revoke: `/login/devices/${id}/revoke` }, ...(label === undefined ? {} : { label }),
})

const codes = ['7G3KM-Q2XPT', '0D4WZ-V81HR', '9M2CJ-T6NYE', 'K5XQB-3FA7S', '2ZP8V-GD40W', 'HJ6RT-1M9CK', 'EYN3A-5XQ7B', 'FS2ZP-8VG4D', '0WHJ6-RT1M9', 'CKEYN-3A5XQ']

const totpKey = { key: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Acme:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme', qr: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><rect fill="white" width="29" height="29"/><path d="M4 4h7v7h-7zM18 4h7v7h-7zM4 18h7v7h-7zM14 14h3v3h-3z"/></svg>' }

// What the strategies say in English. Other languages have words of their own for each code.
const said: Readonly<Record<string, string>> = {
  phone_invalid: 'That is not a phone number.',
  user_refused: 'You did not confirm it on your phone.',
  sim_swapped: 'The SIM card of your number is new, so we text no code to it.',
}
const problem = (code: string, more: object = {}) =>
  ({ ...problemOf(code as MultistepCode, said[code] === undefined ? {} : { message: said[code] }), status: 401, ...more })

/** Labels of bound values, as an app gives them. */
const boundFields = { payee: 'Payee', amount: 'Amount' }

const branding = {
  name: 'Acme', logo: '/logo.svg', home: '/', accent: '#0a7', help: '/help', styles: [],
  links: [{ text: { en: 'Forgot password?', de: 'Passwort vergessen?' }, href: '/forgot' }, { text: 'Sign up', href: '/sign-up' }],
}

const sixDigitsShown = { ...authenticator, inputs: { code: { digits: 6 } } }
/** Where the pages lead that send the person away. */
export const operator = 'https://id.northern-mobile.example/authorize?client_id=acme'

/** The digits are part of the challenge, as passport-sms-otp publishes them. */
const sixDigits = { ...texted, inputs: { code: { digits: 6 } } }

/**
 * One page of each kind and state, in one language, as the router would send it. This is the list of states: axe, the
 * keyboard and `npm run sheets` go through it, and a test asks for a page of every view and for every sentence.
 */
export function everyPage(given: Messages): Record<string, string> {
  const messages = { ...given, fields: { ...boundFields, ...given.fields } }
  const named = (factor: FactorState): FactorState => ({ ...factor, label: messages.labels[factor.factor] ?? factor.label })
  const draw = (view: Parameters<typeof renderPage>[0], state: State, more: object = {}) =>
    renderPage(view, { ...state, factors: state.factors.map(named) }, { ...context, branding, messages, ...more })
  const requirement = { id: 'r', details: { payee: 'Zoë Müller-Lüdenscheidt', amount: '120.00 €' } }
  const ada = { account: 'ada' }
  const spent = (resendAt?: string): FactorState => {
    const { resendAt: _, ...challenge } = texted.challenge!
    return { ...sixDigits, challenge: { ...challenge, attemptsLeft: 0, ...resendAt === undefined ? {} : { resendAt } } }
  }
  const travelling = (challenge: object): FactorState =>
    ({ ...sixDigits, channels: ['sms', 'whatsapp', 'voice'], challenge: { ...sixDigits.challenge, channel: 'sms', ...challenge } })
  return {
    'first-step': draw('login', anonymous([{ ...password, stay: { for: '30d' } }, phoneNumber, mobileConnect])),
    'first-step-wrong': draw('login', anonymous([{ ...password, prefill: { username: 'ada' } }], { problem: problem('factor_failed') })),
    'first-step-by-email': draw('login', anonymous([{ ...password, fields: ['email', 'password'] }])),
    'first-step-locked': draw('login', anonymous([password, phoneNumber], { problem: problem('factor_locked', { retryAfter: 900, status: 429 }) })),
    'first-step-elsewhere': draw('login', anonymous([mobileConnect, password])),
    number: draw('login', anonymous([password, phoneNumber, mobileConnect]), { chosen: 'sms-otp' }),
    'number-to-set-up': draw('login', pending([{ ...phoneNumber, prefill: { phone: '07400 12' } }], { problem: problem('phone_invalid') }), ada),
    'another-number': draw('login', pending([{ ...sixDigits, beginFields: ['phone'] }]), { ...ada, another: true }),
    'number-with-example': draw('login', pending([{ ...phoneNumber, inputs: { phone: { example: '07400 123456' } } }]), ada),
    choice: draw('login', pending([toBeTexted, authenticator, mobileConnect, recoveryCode]), ada),
    'choice-throttled': draw('login', pending([toBeTexted, authenticator], { problem: problem('send_throttled', { retryAfter: 60, status: 429 }) }), ada),
    'choice-new-sim': draw('login', pending([sixDigitsShown, recoveryCode], { problem: problem('sim_swapped', { status: 403 }) }), ada),
    'choice-of-channels': draw('login', pending([{ ...toBeTexted, channels: ['sms', 'whatsapp', 'voice', 'rcs'] }, recoveryCode]), ada),
    'choice-by-whatsapp': draw('login', pending([{ ...toBeTexted, channels: ['whatsapp', 'sms'] }]), ada),
    code: draw('login', pending([{ ...sixDigits, beginFields: ['phone'] }, mobileConnect, recoveryCode]), ada),
    'code-without-number': draw('login', pending([{ ...sixDigits, challenge: { expiresAt: inSeconds(300), attemptsLeft: 5 } }]), ada),
    'code-of-letters': draw('login', pending([{ ...texted, factor: 'letter', label: 'Code by letter' }]), ada),
    'code-can-be-sent-again': draw('login', pending([travelling({ resendAt: inSeconds(-1), delivery: undefined })]), ada),
    'code-on-its-way': draw('login', pending([travelling({ delivery: 'waiting' })]), ada),
    'code-late': draw('login', pending([travelling({ delivery: 'late', resendAt: inSeconds(-1) }), recoveryCode]), ada),
    'code-failed': draw('login', pending([travelling({ delivery: 'failed', resendAt: inSeconds(-1), next: 'whatsapp' })]), ada),
    'code-by-whatsapp': draw('login', pending([travelling({ channel: 'whatsapp', delivery: 'delivered' })]), ada),
    'code-by-call': draw('login', pending([travelling({ channel: 'voice', delivery: 'delivered', resendAt: inSeconds(-1) })]), ada),
    'code-wrong': draw('login', pending([{ ...sixDigits, remember: { for: '30d' } }, mobileConnect, recoveryCode], { problem: problem('code_wrong', { attemptsLeft: 4 }) }), ada),
    'code-last-guess': draw('login', pending([spent(inSeconds(30)), recoveryCode], { problem: problem('code_wrong', { attemptsLeft: 0 }) }), ada),
    'code-no-more': draw('login', pending([spent(), recoveryCode], { problem: problem('too_many_attempts') }), ada),
    'code-expired': draw('login', pending([{ ...sixDigits, challenge: { ...sixDigits.challenge, expiresAt: inSeconds(-1), resendAt: inSeconds(-1) } }]), ada),
    'code-last-try': draw('login', pending([{ ...sixDigits, challenge: { ...sixDigits.challenge, attemptsLeft: 1 } }], { problem: problem('code_wrong', { attemptsLeft: 1 }) }), ada),
    totp: draw('login', pending([sixDigitsShown, recoveryCode], { problem: problem('factor_failed') }), ada),
    'totp-locked': draw('login', pending([sixDigitsShown, recoveryCode], { problem: problem('factor_locked', { retryAfter: 900, status: 429 }) }), ada),
    'recovery-code': draw('login', pending([recoveryCode]), ada),
    phone: draw('login', pending([onThePhone, recoveryCode]), ada),
    'phone-expired': draw('login', pending([{ ...onThePhone, challenge: { ...onThePhone.challenge, expiresAt: inSeconds(-1) } }, recoveryCode]), ada),
    'phone-refused': draw('login', pending([{ ...mobileConnect, links: onThePhone.links, redirects: undefined as never }, recoveryCode], { problem: problem('user_refused') }), ada),
    'nothing-to-step-up-with': draw('login', stepUp([], { requirement: { id: 'r' } }), ada),
    nothing: draw('login', pending([]), ada),
    'plan-changed': draw('login', pending([], { problem: problem('plan_changed') }), ada),
    'own-page': draw('login', pending([{ ...recoveryCode, factor: 'idcard', label: 'ID card', links: { authenticate: '/login/idcard', page: '/id-card' } }, authenticator]), ada),
    'step-up-password': draw('login', stepUp([{ ...password, fields: ['password'] }], { requirement: { id: 'r' } }), ada),
    'step-up-unnamed': draw('login', stepUp([authenticator], { requirement: { id: 'r' } })),
    'step-up': draw('login', stepUp([sixDigits, authenticator], { requirement }), ada),
    confirm: draw('confirm', complete(), {
      grant: { id: 'r', details: requirement.details, values: {}, page: '/transfer', expiresAt: inSeconds(280) },
      form: { action: '/transfer', text: { en: 'Pay {amount} to {payee}', de: '{amount} an {payee} zahlen' }, fields: { amount: '120' } },
    }),
    'confirmed-already': draw('refused', anonymous([], { problem: problem('flow_expired', { message: confirmationOver }), returnTo: '/transfer' })),
    unavailable: draw('unavailable', pending([toBeTexted, mobileConnect]), { chosen: 'sms-otp' }),
    'store-unavailable': draw('unavailable', anonymous([], { problem: problem('store_unavailable', { status: 503 }) })),
    redirect: draw('redirect', pending([]), { redirectTo: operator }),
    silent: draw('redirect', pending([toBeTexted]), { ...ada, redirectTo: operator, tried: 'number-verification', hint: '+44 •••• •••123', instead: 'sms-otp' }),
    'silent-then-totp': draw('redirect', pending([authenticator]), { ...ada, redirectTo: operator, tried: 'mobileconnect', instead: 'totp' }),
    'silent-elsewhere': draw('redirect', pending([authenticator]), { ...ada, redirectTo: operator, tried: 'kerberos', instead: 'totp' }),
    wallet: draw('redirect', pending([toBeTexted]), { ...ada, redirectTo: '/hop?state=x#digital-credential', tried: 'number-verification', instead: 'sms-otp' }),
    refused: draw('refused', anonymous([], { problem: problem('cross_site') })),
    complete: draw('complete', complete()),
    devices: draw('devices', complete(), { devices: [device('d1', 'Firefox, Linux'), device('d2')] }),
    'no-devices': draw('devices', complete(), { devices: [] }),
    'recovery-codes': draw('recovery-codes', complete(), { remaining: 7 }),
    'no-recovery-codes': draw('recovery-codes', complete(), { remaining: 0 }),
    'new-recovery-codes': draw('recovery-codes', complete(), { remaining: 10, codes }),
    'totp-to-set-up': draw('totp-set-up', complete(), { factor: 'totp', isSetUp: false }),
    'totp-begun': draw('totp-set-up', complete(), { factor: 'totp', isSetUp: false, begun: totpKey }),
    'totp-begun-wrong': draw('totp-set-up', complete({ problem: problem('code_wrong') }), { factor: 'totp', isSetUp: false, begun: { ...totpKey, qr: undefined as never } }),
    'totp-once-more': draw('totp-set-up', complete({ problem: problem('code_wrong') }), { factor: 'totp', isSetUp: false, isBegun: true }),
    'totp-is-set-up': draw('totp-set-up', complete(), { factor: 'totp', isSetUp: true }),
    passkeys: draw('passkeys', complete(), { factor: 'webauthn', passkeys: [{ id: 'k1', name: 'My laptop', createdAt: inSeconds(-86_400) }, { id: 'k2', name: '', createdAt: inSeconds(-60) }] }),
    'no-passkeys': draw('passkeys', complete({ problem: problem('factor_failed') }), { factor: 'webauthn', passkeys: [] }),
    'passkey-to-add': draw('passkeys', complete(), { factor: 'webauthn', passkeys: [], options: { challenge: 'x' } }),
    'passkey-to-use': draw('login', pending([{ factor: 'webauthn', label: 'Passkey', fields: ['passkey'], challenge: { publicKey: { challenge: 'x' } }, links: { authenticate: '/login/webauthn', challenge: '/login/webauthn/challenge' } }, recoveryCode]), ada),
    'security-key-to-use': draw('login', pending([{ factor: 'key', label: 'Security key', fields: ['passkey'], challenge: { publicKey: { challenge: 'x' } }, links: { authenticate: '/login/key', challenge: '/login/key/challenge' } }]), ada),
    'not-set-up': draw('refused', complete({ problem: problem('factor_not_enrolled'), setUp: [{ factor: 'totp', label: messages.labels.totp ?? 'Authenticator app', page: '/login/totp/set-up' }] })),
    unbranded: renderPage('login', anonymous([password]), { ...context, messages }),
  }
}
