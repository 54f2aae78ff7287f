import type { Messages } from '../../src/locales/messages.js'
import type { DeviceState, FactorState, State } from '../../src/state.js'
import {
  anonymous, authenticator, complete, context, inSeconds, mobileConnect, onThePhone, password, pending, phoneNumber, recoveryCode,
  renderPage, stepUp, texted, toBeTexted,
} from './page-states.js'

const device = (id: string, label?: string): DeviceState => ({
  id, createdAt: inSeconds(-86_400), lastUsedAt: inSeconds(-3600), expiresAt: inSeconds(29 * 86_400), current: id === 'd1',
  links: { revoke: `/login/devices/${id}/revoke` }, ...(label === undefined ? {} : { label }),
})

const codes = ['7G3KM-Q2XPT', '0D4WZ-V81HR', '9M2CJ-T6NYE', 'K5XQB-3FA7S', '2ZP8V-GD40W', 'HJ6RT-1M9CK', 'EYN3A-5XQ7B', 'FS2ZP-8VG4D', '0WHJ6-RT1M9', 'CKEYN-3A5XQ']

const problem = { code: 'code_wrong', message: '', status: 401, attemptsLeft: 4, retryAfter: 30 }

/** One page of each kind, in one language, as the router would send it. */
export function everyPage(messages: Messages): Record<string, string> {
  const named = (factor: FactorState): FactorState => ({ ...factor, label: messages.labels[factor.factor] ?? factor.label })
  const draw = (view: Parameters<typeof renderPage>[0], state: State, more: object = {}) =>
    renderPage(view, { ...state, factors: state.factors.map(named) }, { ...context, messages, ...more })
  const told = { ...problem, message: messages.problems.code_wrong ?? 'That code is wrong.' }
  const requirement = { id: 'r', details: { payee: 'Zoë Müller-Lüdenscheidt', amount: '120.00 €' } }
  return {
    'first-step': draw('login', anonymous([{ ...password, stay: { for: '30d' } }, phoneNumber, mobileConnect])),
    number: draw('login', anonymous([password, phoneNumber, mobileConnect]), { chosen: 'sms-otp' }),
    choice: draw('login', pending([toBeTexted, authenticator, mobileConnect, recoveryCode])),
    code: draw('login', pending([{ ...texted, remember: { for: '30d' } }, mobileConnect, recoveryCode], { problem: told })),
    phone: draw('login', pending([onThePhone, recoveryCode])),
    nothing: draw('login', pending([])),
    'step-up': draw('login', stepUp([texted, authenticator], { requirement })),
    unavailable: draw('unavailable', pending([toBeTexted, mobileConnect]), { chosen: 'sms-otp' }),
    redirect: draw('redirect', pending([]), { redirectTo: '/hop' }),
    refused: draw('refused', anonymous([], { problem: { code: 'cross_site', message: 'This request came from another site. Open the login page and try again.', status: 403 } })),
    complete: draw('complete', complete()),
    devices: draw('devices', complete(), { devices: [device('d1', 'Firefox, Linux'), device('d2')] }),
    'no-devices': draw('devices', complete(), { devices: [] }),
    'recovery-codes': draw('recovery-codes', complete(), { remaining: 7 }),
    'no-recovery-codes': draw('recovery-codes', complete(), { remaining: 0 }),
    'new-recovery-codes': draw('recovery-codes', complete(), { remaining: 10, codes }),
  }
}
