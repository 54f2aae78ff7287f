import { Router, type Request, type Response } from 'express'
import { goTo } from '../account/answers.js'
import { keep, kept } from '../account/kept.js'
import { AppError } from '../errors.js'
import type { Prompts } from '../mobile-connect/prompts.js'
import { choicesOf, switches, type Line, type LineChange, type Lines } from '../network/lines.js'
import { reply, wantsHtml } from '../reply.js'
import { sameOrigin } from '../same-origin.js'
import type { Happenings } from '../tour/happenings.js'
import { accounts } from '../users/accounts.js'
import type { RecoverySheet } from '../users/recovery-sheet.js'
import type { Users } from '../users/users.js'
import { PERIOD, totpCode } from './authenticator.js'
import type { Handset, Text } from './handset.js'

export interface HandsetOptions {
  readonly handset: Handset
  readonly prompts: Prompts
  readonly lines: Lines
  readonly happenings: Happenings
  readonly sheet: RecoverySheet
  readonly users: Pick<Users, 'byId'>
}

/** What the handset shows, to everybody: for development only. */
export function handsetRoutes({ handset, prompts, lines, happenings, sheet, users }: HandsetOptions): Router {
  const textsFor = async (req: Request): Promise<Text[]> => {
    const to = text(req.query.to)
    const texts = await handset.texts()
    return to === undefined ? texts : texts.filter((one) => one.to === to)
  }
  const show = async (req: Request, res: Response) => {
    // The page shows it once. Its script asks again and again, in JSON.
    const { notice } = wantsHtml(req) ? kept(req) : {}
    if (notice) keep(req, { notice: undefined })
    // Texts are shown even where no operator answers.
    const [texts, open, known, codes, phones] = await Promise.all([
      textsFor(req),
      prompts.list(text(req.query.to)).catch(() => []),
      lines.list().catch(() => []),
      sheet.codes(),
      phonesOf(users),
    ])
    const data = {
      texts,
      prompts: open,
      lines: known.map((line) => ({ ...line, choices: choicesOf(line) })),
      authenticators: authenticators(),
      phones,
      happenings: Object.fromEntries(accounts.map(({ id }) => [id, happenings.of(id, phones[id])])),
      recoveryCodes: codes.length > 0 ? [{ account: 'ada', codes }] : [],
    }
    reply(req, res, {
      view: 'handset/handset',
      title: 'Handset',
      data,
      more: { notice, people: undefined, to: text(req.query.to), switches: known.map(switchesOf) },
    })
  }
  const router = Router()
  router.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store')
    next()
  }, sameOrigin)
  router.get('/', (req, res) => show(req, res))
  router.get('/messages', async (req, res) => {
    res.json(await textsFor(req))
  })
  router.get('/prompts', async (req, res) => {
    res.json(await prompts.list(text(req.query.msisdn)))
  })
  router.post('/prompts/:id/:answer', async (req, res, next) => {
    const { id, answer } = req.params
    if (answer !== 'approve' && answer !== 'deny') return next()
    const { pin } = (req.body ?? {}) as { pin?: unknown }
    await change(req, res, () => prompts.answer(id, answer, text(pin)))
  })
  router.post('/lines/:msisdn/:change', async (req, res, next) => {
    const changed = lineChangeIn(req.params.change, (req.body ?? {}) as Readonly<Record<string, unknown>>)
    if (changed === undefined) return next()
    await change(req, res, () => lines.change(req.params.msisdn, changed))
  })
  router.get('/events', (_req, res) => events(handset, res))
  return router
}

/** For the page: which choices there are, and which of them a line stands at. */
const switchesOf = (line: Line) => {
  const on = choicesOf(line)
  const choices = switches.map(([name, change, buttons]) =>
    [name, change, buttons.map(([label, field, value]) => [label, field, value, on[field] === value])])
  return { msisdn: line.msisdn, choices }
}

/** Back to the page, which says what could not be done. */
async function change(req: Request, res: Response, make: () => Promise<void>): Promise<void> {
  try {
    await make()
  } catch (error) {
    if (!(error instanceof AppError) || !wantsHtml(req)) throw error
    keep(req, { notice: { kind: 'problem', text: error.message } })
  }
  if (wantsHtml(req)) await goTo(req, res, '/handset')
  else res.status(204).end()
}

/** @throws AppError 400 */
function lineChangeIn(
  type: string,
  { network, days, delivery }: Readonly<Record<string, unknown>>,
): LineChange | undefined {
  const unknown = (name: string) => new AppError(400, `${name}_invalid`, `This is no ${name} that a line can have.`)
  switch (type) {
    case 'network':
      if (network !== 'mobile' && network !== 'wifi') throw unknown('network')
      return { type, network }
    case 'swap-sim':
      if (!/^\d{1,3}$/.test(String(days))) throw unknown('days')
      return { type, days: Number(days) }
    case 'next-text':
      if (delivery !== 'lost' && delivery !== 'delivered') throw unknown('delivery')
      return { type, delivery }
    default: return undefined
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** The numbers of the accounts, by id: the pages of the login never say a whole one. */
async function phonesOf(users: Pick<Users, 'byId'>): Promise<Record<string, string>> {
  const phones: Record<string, string> = {}
  for (const { id } of accounts) {
    const phone = (await users.byId(id))?.phone
    if (phone !== undefined) phones[id] = phone
  }
  return phones
}

const authenticators = () => {
  const now = Date.now()
  const secondsLeft = PERIOD - Math.floor(now / 1000) % PERIOD
  return accounts.flatMap(({ id, totpKey }) =>
    totpKey === undefined ? [] : [{ account: id, key: totpKey, code: totpCode(totpKey, now), secondsLeft }],
  )
}

/** Server-Sent Events: one for each text that arrives, with its JSON. */
function events(handset: Handset, res: Response): void {
  res.type('text/event-stream').flushHeaders()
  res.write('retry: 1000\n\n')
  const stop = handset.onText((text) => res.write(`data: ${JSON.stringify(text)}\n\n`))
  res.on('close', stop)
}
