import { promisify } from 'node:util'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { AppError } from '../errors.js'
import { wantsHtml } from '../reply.js'
import { keep } from './kept.js'

/** Back to the page with a sentence, or an answer in JSON. */
export async function done(
  req: Request,
  res: Response,
  { page, text, data }: { page: string, text: string, data: object },
): Promise<void> {
  if (!wantsHtml(req)) {
    res.json(data)
    return
  }
  keep(req, { notice: { kind: 'done', text } })
  await goTo(req, res, page)
}

/**
 * Leads on once the session is stored. express-session stores it as an answer ends, and sends the headers before: a
 * browser that follows them at once would find a session from before, without what is to be shown.
 */
export async function goTo(req: Request, res: Response, page: string): Promise<void> {
  await promisify(req.session.save.bind(req.session))()
  res.redirect(303, page)
}

type Handler = (req: Request, res: Response, next: NextFunction) => Promise<void>

/** What a form holds that cannot be done: its page says why. Programs get the problem. */
export const refusedAt = (page: string, handler: Handler): RequestHandler => async (req, res, next) => {
  try {
    await handler(req, res, next)
  } catch (error) {
    if (!(error instanceof AppError) || !error.expose || !wantsHtml(req)) throw error
    keep(req, { notice: { kind: 'problem', text: error.message } })
    await goTo(req, res, page)
  }
}
