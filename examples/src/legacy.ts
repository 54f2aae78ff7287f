import { ensureLoggedIn } from 'connect-ensure-login'
import { Router } from 'express'
import { asUser } from './users/users.js'

/**
 * Routes as they were written before there were second factors. They stay unedited on purpose: nobody is logged in
 * until the last step has passed, so old guards keep telling the truth.
 */
export function legacyRoutes(): Router {
  const router = Router()
  router.get('/session', (req, res) => {
    res.json({ authenticated: req.isAuthenticated(), user: req.user ? asUser(req.user).id : null })
  })
  router.get('/report', ensureLoggedIn('/login'), (_req, res) => {
    res.json({ report: 'Sales are up.' })
  })
  return router
}
