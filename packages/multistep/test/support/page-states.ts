import type { DeviceState, FactorState, State } from '../../src/state/state.js'
import { en } from '../../src/locales/en.js'
import { drawParts, frame } from '../../src/pages/page.js'
import type { PageContext } from '../../src/pages/page-model.js'
import { translated } from '../../src/pages/translate.js'
import type { View, Views } from '../../src/settings/views.js'

export const now = Date.parse('2026-03-01T12:00:00Z')
export const inSeconds = (seconds: number): string => new Date(now + seconds * 1000).toISOString()

export const context: PageContext = { loginPath: '/login', messages: en, now }

interface Data {
  chosen?: string | undefined
  another?: boolean
  redirectTo?: string | undefined
  tried?: string
  hint?: string
  instead?: string
  devices?: readonly DeviceState[]
  remaining?: number
  codes?: readonly string[]
  grant?: Views['confirm']['grant']
  form?: Views['confirm']['form']
  factor?: string
  isSetUp?: boolean
  isBegun?: true
  begun?: Views['totp-set-up']['begun']
  passkeys?: Views['passkeys']['passkeys']
  options?: object
}

/** A page, with what its view shows beside the state in one object. */
export function renderPage(view: View, state: State, given: PageContext & Data): string {
  const { loginPath, messages, branding, account, home, now: at, ...data } = given
  const shown = { loginPath, messages, branding, account, home, now: at }
  return frame(drawParts(view, translated(state, messages), shown, data as Views[View])).text
}

const links = (factor: string) => ({ authenticate: `/login/${factor}` })
const challengeLinks = (factor: string) => ({ ...links(factor), challenge: `/login/${factor}/challenge` })

export const password: FactorState = { factor: 'local', label: 'Password', fields: ['username', 'password'], links: links('local') }
export const phoneNumber: FactorState = { factor: 'sms-otp', label: 'Text message', fields: ['phone'], links: challengeLinks('sms-otp') }
export const mobileConnect: FactorState = { factor: 'mobileconnect', label: 'Mobile Connect', fields: [], links: links('mobileconnect'), redirects: true }
export const authenticator: FactorState = { factor: 'totp', label: 'Authenticator app', fields: ['code'], links: links('totp') }
export const recoveryCode: FactorState = { factor: 'recovery-code', label: 'Recovery code', fields: ['code'], links: links('recovery-code') }
export const toBeTexted: FactorState = { ...phoneNumber, fields: ['code'], hint: '+44 •••• •••123' }
export const texted: FactorState = {
  ...toBeTexted,
  challenge: { to: '+44 •••• •••123', expiresAt: inSeconds(300), resendAt: inSeconds(30), attemptsLeft: 5 },
}
export const onThePhone: FactorState = {
  factor: 'mobileconnect', label: 'Mobile Connect', fields: [], links: challengeLinks('mobileconnect'),
  challenge: { bindingMessage: 'KIWI-42', expiresAt: inSeconds(120) },
}

const state = (status: State['status'], step: number, factors: readonly FactorState[], more: Partial<State> = {}): State =>
  ({ status, step, steps: 2, completed: [], factors, csrfToken: 'token-1', ...more })

export const anonymous = (factors: readonly FactorState[], more?: Partial<State>): State => state('anonymous', 1, factors, more)
export const pending = (factors: readonly FactorState[], more?: Partial<State>): State => state('pending', 2, factors, more)
export const stepUp = (factors: readonly FactorState[], more?: Partial<State>): State => state('step-up', 1, factors, {
  steps: 1, requirement: { id: 'requirement-7', details: { payee: 'Zoë', amount: '120.00' } }, ...more,
})
export const complete = (more?: Partial<State>): State => state('complete', 2, [], more)
