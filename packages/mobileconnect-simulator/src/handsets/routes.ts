import type { IncomingMessage, ServerResponse } from 'node:http'
import express, { Router, type NextFunction, type Request, type Response } from 'express'
import { SimulatorError } from '../errors.js'
import { digitsOf } from '../msisdn.js'
import { handsetOf, type Handset } from './handset.js'
import { handsetsPage } from './handsets-page.js'
import { sendPage } from '../pages/page.js'
import type { Network, TextDelivery } from './lines.js'
import type { Handsets } from './handsets.js'

/** A handler for any version of Express. It needs no types of Express. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void

/** See `handsetRoutes` in on-demand.ts. */
export function handsetRouter(handsets: Handsets): Middleware {
  const show = (req: Request, res: Response, status: number, problem?: string) =>
    sendPage(
      res,
      status,
      handsetsPage({
        handsets: handsets.subscribers.map((subscriber) => ({ subscriber, handset: handsetOf(handsets, subscriber) })),
        base: req.baseUrl,
        problem,
      }),
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
  router.get('/lines', (_req, res) => {
    res.json(handsets.subscribers.map((subscriber) => {
      const handset = handsetOf(handsets, subscriber)
      return { msisdn: subscriber.msisdn, ...handset.line(), texts: handset.texts() }
    }))
  })
  router.post('/lines/:msisdn/texts', express.json(), express.urlencoded({ extended: false }), (req, res) => {
    const { text } = (req.body ?? {}) as { text?: unknown }
    if (typeof text !== 'string' || text === '') throw new SimulatorError('value_unknown', 'text takes what the text says.')
    res.json({ delivery: handsetIn(handsets, req.params.msisdn).sendText(text) })
  })
  router.post(
    '/lines/:msisdn/:change',
    express.json(),
    express.urlencoded({ extended: false }),
    (req, res, next) => {
      const { msisdn, change } = req.params
      if (!Object.hasOwn(changes, change)) return next()
      changes[change]?.(handsetIn(handsets, msisdn), (req.body ?? {}) as Readonly<Record<string, unknown>>)
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

/** What a page or a script may change of a line. */
const changes: Readonly<Record<string, (handset: Handset, body: Readonly<Record<string, unknown>>) => void>> = {
  network: (handset, { network }) => handset.network(network as Network),
  'swap-sim': (handset, { at }) => handset.swapSim(dateIn(at)),
  'swap-device': (handset, { at }) => handset.swapDevice(dateIn(at)),
  'deliver-texts': (handset, { how, times }) =>
    handset.deliverTexts(how as TextDelivery, times === undefined ? {} : { times: Number(times) }),
}

/** Now, where none is given. */
function dateIn(at: unknown): Date | undefined {
  if (at === undefined) return undefined
  const date = new Date(typeof at === 'string' ? at : NaN)
  if (Number.isNaN(date.getTime())) {
    throw new SimulatorError('value_unknown', `at takes a date such as 2026-05-01T12:00:00Z, not ${JSON.stringify(at)}.`)
  }
  return date
}

function handsetIn(handsets: Handsets, msisdn: string): Handset {
  const subscriber = handsets.subscribers.find(({ digits }) => digits === digitsOf(msisdn))
  if (!subscriber) throw new SimulatorError('subscriber_unknown', 'No subscriber has this number.')
  return handsetOf(handsets, subscriber)
}

const wantsHtml = (req: Request): boolean => req.accepts(['json', 'html']) === 'html'

/** Whether the browser says that a page of another site sends this. Such a page could answer for every subscriber. */
const isForeign = ({ headers }: Request): boolean => {
  const { origin, host, 'sec-fetch-site': site } = headers
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)
}
