import { asUser } from './users/users.js'
import { Router, type RequestHandler } from 'express'
import { settingsRoutes, type SettingsOptions } from './account/settings.js'
import { transferRoutes } from './account/transfer.js'
import type { Login } from './login.js'
import { reply, wantsHtml } from './reply.js'
import { sameOrigin } from './same-origin.js'
import { besideOf } from './tour/beside.js'
import { accounts } from './users/accounts.js'

/** What the frame of every page shows: who is logged in, and the token of the form that logs out. */
export const viewer = (login: Login): RequestHandler => async (req, res, next) => {
  if (req.user && wantsHtml(req)) {
    const { csrfToken } = await login.progress(req)
    Object.assign(res.locals, { user: { id: asUser(req.user).id }, csrfToken })
  }
  next()
}

/** What stands beside every page but the handset, which is a phone itself. */
export const beside = (login: Login): RequestHandler => async (req, res, next) => {
  if (req.method === 'GET' && wantsHtml(req) && !req.path.startsWith('/handset')) {
    Object.assign(res.locals, await besideOf(login, req))
  }
  next()
}

export function pages(options: SettingsOptions): Router {
  const { login } = options
  const router = Router()
  router.get('/', (req, res) => {
    const list = accounts.map(({ id, password, secondFactors }) => ({ id, password, secondFactors }))
    reply(req, res, {
      view: 'home',
      title: 'Acme',
      data: { app: 'Acme', accounts: list, links: ['/login', '/account', '/transfer', '/settings', '/handset'] },
    })
  })
  router.use(['/account', '/transfer', '/settings'], noStore, sameOrigin)
  router.get('/account', login.require(), (req, res) => {
    const data = {
      user: { id: asUser(req.user as Express.User).id },
      amr: login.amr(req),
      evidence: login.evidence(req),
    }
    reply(req, res, { view: 'account/account', title: 'Your account', data })
  })
  router.use('/transfer', transferRoutes(options))
  router.use('/settings', settingsRoutes(options))
  router.all('/logout', login.logout())
  return router
}

const noStore: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store')
  next()
}
