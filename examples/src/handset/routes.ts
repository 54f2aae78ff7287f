import { Router, type Request, type Response } from 'express'
import { reply } from '../reply.js'
import { accounts } from '../users/accounts.js'
import { PERIOD, totpCode } from './authenticator.js'
import type { Handset, Text } from './handset.js'

/** What the handset shows, to everybody: for development only. */
export function handsetRoutes(handset: Handset): Router {
  const textsFor = async (req: Request): Promise<Text[]> => {
    const { to } = req.query
    const texts = await handset.texts()
    return typeof to === 'string' && to !== '' ? texts.filter((text) => text.to === to) : texts
  }
  const router = Router()
  router.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store')
    next()
  })
  router.get('/', async (req, res) => {
    const texts = await textsFor(req)
    reply(req, res, { view: 'handset/handset', title: 'Handset', data: { texts, authenticators: authenticators() } })
  })
  router.get('/messages', async (req, res) => {
    res.json(await textsFor(req))
  })
  router.get('/events', (_req, res) => events(handset, res))
  return router
}

const authenticators = () => {
  const now = Date.now()
  const secondsLeft = PERIOD - Math.floor(now / 1000) % PERIOD
  return accounts.flatMap(({ id, totpKey }) => (totpKey === undefined ? [] : [{ account: id, key: totpKey, code: totpCode(totpKey, now), secondsLeft }]))
}

/** Server-Sent Events: one for each text that arrives, with its JSON. */
function events(handset: Handset, res: Response): void {
  res.type('text/event-stream').flushHeaders()
  res.write('retry: 1000\n\n')
  const stop = handset.onText((text) => res.write(`data: ${JSON.stringify(text)}\n\n`))
  res.on('close', stop)
}
