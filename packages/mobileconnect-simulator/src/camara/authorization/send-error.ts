import type { Response } from 'express'
import { OAuthError } from './oauth-error.js'

/** Answers with the error, in JSON (RFC 6749 §5.2); what is none goes on. */
export function sendOAuthError(res: Response, error: unknown): void {
  if (!(error instanceof OAuthError)) throw error
  res.status(error.status).set('Cache-Control', 'no-store')
    .json({ error: error.error, error_description: error.message })
}
