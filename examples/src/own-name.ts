import type { RequestHandler } from 'express'

/**
 * A browser that visits `127.0.0.1` has no cookie at `localhost`, where operators send it back to: one more redirect
 * brings it to where it began. Nothing but a convenience while developing.
 */
export const ownName = (url: string): RequestHandler => {
  const { hostname } = new URL(url)
  return ({ method, headers: { host = '', cookie = '' }, originalUrl }, res, next) => {
    const name = host.replace(/:\d+$/, '')
    if (hostname !== 'localhost' || name !== 'localhost' || method !== 'GET' || /(^|; )sid=/.test(cookie)) next()
    else res.redirect(302, `http://${host.replace('localhost', '127.0.0.1')}${originalUrl}`)
  }
}
