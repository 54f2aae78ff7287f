import { randomUUID } from 'node:crypto'
import { Router, type RequestHandler } from 'express'
import { AppError } from '../errors.js'
import type { LoginParts } from '../login.js'
import { reply } from '../reply.js'
import { done, refusedAt } from './answers.js'
import { keep, kept } from './kept.js'

/**
 * A payment that is confirmed for its payee and its amount: both stand in the text, and on the phone (PSD2 RTS, Article
 * 5).
 */
export function transferRoutes({ login, confirmation }: Pick<LoginParts, 'login' | 'confirmation'>): Router {
  const router = Router()
  router.use(login.require())
  router.get('/', (req, res) => {
    const { typed = {}, done: made, notice } = kept(req)
    const shown = { transfer: made ?? null }
    if (made ?? notice) keep(req, { done: undefined, notice: undefined })
    reply(req, res, { view: 'transfer/transfer', title: 'Transfer', data: shown, more: { typed, notice } })
  })
  router.post('/', keepTyped, refusedAt('/transfer', async (req, _res, next) => {
    transferIn(req)
    next()
  }), login.require({
    factors: confirmation,
    maxAge: '5m',
    page: '/transfer',
    bind: transferIn,
    currency: { amount: 'EUR' },
    resume: { text: 'Pay {amount} to {payee}' },
  }), async (req, res) => {
    const transfer = { id: randomUUID(), ...transferIn(req) }
    keep(req, { typed: undefined, done: transfer })
    await done(req, res, { page: '/transfer', text: 'The transfer is made.', data: { transfer } })
  })
  return router
}

/** What was typed is still there when the person cancels. */
const keepTyped: RequestHandler = (req, _res, next) => {
  const { payee, amount } = bodyOf(req)
  keep(req, { typed: { payee: shown(payee), amount: shown(amount) }, done: undefined })
  next()
}

const shown = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 100) : ''

const bodyOf = (req: { readonly body?: unknown }) => (req.body ?? {}) as { payee?: unknown, amount?: unknown }

/** The one place where payee and amount are read: what is confirmed is what is done. @throws AppError 400 */
export function transferIn(req: { readonly body?: unknown }): { payee: string, amount: number } {
  const { payee, amount } = bodyOf(req)
  // What the text and the phone can show whole.
  if (typeof payee !== 'string' || !/^[\p{L}\p{N}][\p{L}\p{N} .,:-]{0,39}$/u.test(payee.trim())) {
    throw new AppError(400, 'payee_invalid', 'Name the payee: up to 40 letters, digits, spaces and . , : -')
  }
  const text = typeof amount === 'number' || typeof amount === 'string' ? String(amount).trim() : ''
  if (!/^\d{1,6}(\.\d{1,2})?$/.test(text) || Number(text) === 0) {
    throw new AppError(400, 'amount_invalid', 'Give an amount such as 25 or 25.50.')
  }
  return { payee: payee.trim(), amount: Number(text) }
}
