import type { RequestHandler } from 'express'
import { AppError } from './errors.js'

/**
 * Nothing is posted here from pages of other sites: whether the browser says that it comes from one. Programs say
 * nothing, and have no cookies of others.
 */
export const sameOrigin: RequestHandler = ({ method, headers: { origin, host, 'sec-fetch-site': site } }, _res, next) => {
  const foreign = site !== undefined
    ? site !== 'same-origin' && site !== 'none'
    : origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)
  const safe = method === 'GET' || method === 'HEAD'
  next(foreign && !safe ? new AppError(403, 'cross_site', 'This came from a page of another site. Begin at this app\'s own page.') : undefined)
}
