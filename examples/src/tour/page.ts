import type { Request } from 'express'
import type { Render } from 'multistep'
import { pageParts } from 'multistep/pages'
import type { Login } from '../login.js'
import { accounts } from '../users/accounts.js'
import { besideOf } from './beside.js'

/** The login's own pages, with the phone beside them. `login` is asked for later: it is made with these pages. */
export const besidePhone = (login: () => Login): Render => async (req, res, view, state) => {
  const isFirst = view === 'login' && state.status === 'anonymous'
  // While a store is down, the page that says so stands alone.
  const beside = await besideOf(login(), req as Request, 'chosen' in state ? state.chosen : undefined).catch(() => undefined)
  res.render('login/page', { page: pageParts(view, state), accounts: isFirst ? accounts : undefined, ...beside })
}
