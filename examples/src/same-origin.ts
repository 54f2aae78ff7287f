import type { RequestHandler } from 'express'
import { AppError } from './errors.js'

/**
 * Refuses a POST from a page of another site, by what the browser says. A program says nothing of itself, and has no
 * cookies of a user.
 */
export const sameOrigin: RequestHandler = ({ method, headers }, _res, next) => {
  const { origin, host, 'sec-fetch-site': site } = headers
  const isOtherHost = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)
  const foreign = site === undefined ? isOtherHost : site !== 'same-origin' && site !== 'none'
  const safe = method === 'GET' || method === 'HEAD'
  next(
    foreign && !safe
      ? new AppError(403, 'cross_site', 'This came from a page of another site. Begin at this app\'s own page.')
      : undefined,
  )
}
