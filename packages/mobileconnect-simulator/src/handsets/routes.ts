import type { IncomingMessage, ServerResponse } from 'node:http'
import express, { Router, type NextFunction, type Request, type Response } from 'express'
import { SimulatorError } from '../errors.js'
import { handsetsPage } from './handsets-page.js'
import { sendPage } from '../pages/page.js'
import type { Handsets } from './handsets.js'

/** A handler for any version of Express. It needs no types of Express. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void

/** See `handsetRoutes` in on-demand.ts. */
export function handsetRouter(handsets: Handsets): Middleware {
  const show = (req: Request, res: Response, status: number, problem?: string) =>
    sendPage(
      res,
      status,
      handsetsPage({ subscribers: handsets.subscribers, prompts: handsets.prompts(), base: req.baseUrl, problem }),
    )
  const router = Router()
  router.use((req, res, next) => {
    res.set('Cache-Control', 'no-store')
    next(
      req.method === 'POST' && isForeign(req)
        ? new SimulatorError('cross_site', 'Only the handsets\' own page may answer for them.')
        : undefined,
    )
  })
  router.get('/', (req, res) => show(req, res, 200))
  router.get('/prompts', (req, res) => {
    const { msisdn } = req.query
    res.json(handsets.prompts({ msisdn: typeof msisdn === 'string' ? msisdn : undefined }))
  })
  router.post(
    '/prompts/:id/:answer',
    express.json(),
    express.urlencoded({ extended: false }),
    async (req, res, next) => {
      const { id, answer } = req.params
      const { pin } = (req.body ?? {}) as { pin?: unknown }
      switch (answer) {
        case 'approve':
          await handsets.approve(id, { pin: typeof pin === 'string' ? pin : undefined })
          break
        case 'deny':
          await handsets.deny(id)
          break
        case 'ignore':
          await handsets.ignore(id)
          break
        default:
          return next()
      }
      if (wantsHtml(req)) res.redirect(303, `${req.baseUrl}/`)
      else res.status(204).end()
    },
  )
  router.use((error: unknown, req: Request, res: Response, next: NextFunction) => {
    if (!(error instanceof SimulatorError)) return next(error)
    if (wantsHtml(req)) show(req, res, error.status, error.message)
    else res.status(error.status).json({ code: error.code, message: error.message })
  })
  return (req, res, next) => router(req as Request, res as Response, next)
}

const wantsHtml = (req: Request): boolean => req.accepts(['json', 'html']) === 'html'

/** Whether the browser says that a page of another site sends this. Such a page could answer for every subscriber. */
const isForeign = ({ headers }: Request): boolean => {
  const { origin, host, 'sec-fetch-site': site } = headers
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)
}
