import type { Request } from './request.js'

/** The property Passport keeps the person in: an app may have renamed it. */
export const userProperty = (req: Request): string => (req as { _userProperty?: string })._userProperty ?? 'user'
