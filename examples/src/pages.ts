import { Router, type RequestHandler } from 'express'
import type { Login } from './login.js'
import { reply, wantsHtml } from './reply.js'
import { accounts } from './users/accounts.js'
import { asUser, maskPhone } from './users/users.js'

/** What the frame of every page shows: who is logged in, and the token of the form that logs out. */
export const viewer = (login: Login): RequestHandler => async (req, res, next) => {
  if (req.user && wantsHtml(req)) {
    const { csrfToken } = await login.progress(req)
    Object.assign(res.locals, { user: { id: asUser(req.user).id }, csrfToken })
  }
  next()
}

export function pages(login: Login): Router {
  const router = Router()
  router.get('/', (req, res) => {
    const list = accounts.map(({ id, password, secondFactors }) => ({ id, password, secondFactors }))
    reply(req, res, { view: 'home', title: 'Acme', data: { app: 'Acme', accounts: list, links: ['/login', '/account', '/settings', '/handset'] } })
  })
  router.use(['/account', '/settings'], noStore, login.require())
  router.get('/account', (req, res) => {
    const data = { user: idOf(req.user), amr: login.amr(req), evidence: login.evidence(req) }
    reply(req, res, { view: 'account/account', title: 'Your account', data })
  })
  router.get('/settings', (req, res) => {
    reply(req, res, { view: 'account/settings', title: 'Settings', data: { user: idOf(req.user), ...settingsOf(req.user) } })
  })
  router.all('/logout', login.logout())
  return router
}

const noStore: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store')
  next()
}

/** Behind `login.require()` there is always somebody. */
const idOf = (user: Express.User | undefined) => ({ id: asUser(user as Express.User).id })

function settingsOf(user: Express.User | undefined) {
  const { phone, totpKey } = asUser(user as Express.User)
  return {
    phone: phone === undefined ? null : maskPhone(phone),
    secondFactors: [
      { factor: 'sms-otp', label: 'Code by text', set: phone !== undefined },
      { factor: 'totp', label: 'Authenticator app', set: totpKey !== undefined },
    ],
  }
}
