import { MultistepError } from '../lib/errors.js'
import type { Request, Response } from '../lib/request.js'

export type { Handler, Next, Request, Response, Session } from '../lib/request.js'

/** The property Passport keeps the person in: an app may have renamed it. */
export const userProperty = (req: Request): string => (req as { _userProperty?: string })._userProperty ?? 'user'

/** Express keeps each at the other. */
export function responseOf(req: Request): Response {
  const { res } = req as { res?: Response }
  if (!res) throw new MultistepError('misconfigured', 'multistep: progress(req), vouch(req) and every handler need the request as Express hands it to a handler.')
  return res
}
