import { Router, type Request } from 'express'
import type { LoginParts } from '../login.js'
import { reply, wantsHtml } from '../reply.js'
import type { RecoverySheet } from '../users/recovery-sheet.js'
import { asUser, maskPhone } from '../users/users.js'
import { codeStory } from './code-story.js'
import { keep, kept } from './kept.js'
import { numberRoutes, type NumberOptions } from './number.js'

export interface SettingsOptions extends LoginParts, NumberOptions {
  readonly sheet: RecoverySheet
}

/** What a person may change about how they log in. */
export function settingsRoutes(options: SettingsOptions): Router {
  const { login, recovery, sheet } = options
  const router = Router()
  router.use(login.require())
  router.get('/', async (req, res) => {
    const { newNumber, notice } = kept(req)
    const data = await settingsOf(req, options)
    if (notice) keep(req, { notice: undefined })
    reply(req, res, { view: 'account/settings', title: 'Settings', data, more: { newNumber, notice } })
  })
  router.use('/number', numberRoutes(options))
  // A person who has only another person's open browser must not print keys to the account.
  router.post('/recovery-codes', login.require({ mfa: true, maxAge: '10m', page: '/settings' }), async (req, res) => {
    const user = req.user as Express.User
    const codes = await recovery.generate(user)
    if (asUser(user).id === 'ada') await sheet.tear()
    reply(req, res, { view: 'account/recovery-codes', title: 'Recovery codes', data: { codes } })
  })
  router.post('/log-out-everywhere', async (req, res) => {
    await login.sessions.revokeAll(asUser(req.user as Express.User).id)
    if (wantsHtml(req)) res.redirect(303, '/login')
    else res.json({ status: 'anonymous' })
  })
  return router
}

async function settingsOf({ user }: Request, { login, otp, recovery, hasMobileConnect }: SettingsOptions) {
  const { id, phone, totpKey } = asUser(user as Express.User)
  const [codesLeft, devices, codes] = await Promise.all([
    recovery.remaining(user as Express.User), login.devices.list(id), codeStory(otp, id),
  ])
  return {
    user: { id },
    phone: phone === undefined ? null : maskPhone(phone),
    secondFactors: [
      { factor: 'sms-otp', label: 'Code by text', set: phone !== undefined },
      { factor: 'mobileconnect', label: 'Mobile Connect', set: hasMobileConnect && phone !== undefined },
      { factor: 'totp', label: 'Authenticator app', set: totpKey !== undefined },
      { factor: 'recovery-code', label: 'Recovery codes', set: codesLeft > 0 },
    ],
    recoveryCodes: codesLeft,
    devices: devices.length,
    codes,
  }
}
