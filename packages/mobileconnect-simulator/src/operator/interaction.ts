import express, { Router, type Request, type Response } from 'express'
import { BoundedMap } from '../bounded-map.js'
import type { Subscriber } from '../configuration.js'
import { fieldsOf } from '../form-fields.js'
import { digitsOf } from '../msisdn.js'
import { errorPage, numberPage, waitingPage } from '../pages/operator.js'
import { sendPage } from '../pages/page.js'
import type { OperatorContext, Provider } from './context.js'
import { takeDefect } from './take-defect.js'
import { subscriberOf, subscriberOfHint } from './hints.js'
import { levelFor } from './levels.js'
import { createGrant, askHandset, shownParameters, type HandsetRequest } from './handset-request.js'

interface Waiting extends HandsetRequest { readonly prompt: string }

/** One request of a browser that waits at this operator. */
interface Visit {
  readonly req: Request
  readonly res: Response
  readonly uid: string
  readonly params: HandsetRequest['params']
}

/**
 * What the browser sees at the operator while the subscriber looks at the phone. It needs no JavaScript: the page
 * reloads itself.
 */
export function interactionRoutes(context: OperatorContext, provider: Provider): Router {
  const desk = new Desk(context, provider)
  const router = Router()
  router.get('/:uid', async (req, res) => {
    const visit = await desk.visitOf(req, res)
    if (visit) await desk.show(visit)
  })
  router.post('/:uid', express.urlencoded({ extended: false }), async (req, res) => {
    const visit = await desk.visitOf(req, res)
    if (visit) await desk.answer(visit)
  })
  return router
}

class Desk {
  private readonly context: OperatorContext
  private readonly provider: Provider
  private readonly waiting = new BoundedMap<Waiting>()
  /** Visits whose hint the operator ignores, by uid. */
  private readonly unhinted = new BoundedMap<true>()

  constructor(context: OperatorContext, provider: Provider) {
    this.context = context
    this.provider = provider
  }

  /** The interaction that belongs to this address and this browser; without one, a page says so. */
  async visitOf(req: Request, res: Response): Promise<Visit | undefined> {
    const { uid, params } = await this.provider
      .interactionDetails(req, res)
      .catch(() => ({ uid: undefined, params: {} }))
    if (uid !== undefined && uid === req.params.uid) return { req, res, uid, params: params as HandsetRequest['params'] }
    sendPage(
      res,
      400,
      errorPage({
        operator: this.context.operator,
        error: 'invalid_request',
        description: 'This request is over, or began in another browser.',
      }),
    )
    return undefined
  }

  async show(visit: Visit): Promise<void> {
    const { client_id: clientId = '' } = visit.params
    const asked = this.waiting.get(visit.uid)
    const hint = asked ? undefined : this.hintOf(visit)
    if (asked) await this.goOn(visit, asked)
    else if (hint === undefined) sendPage(visit.res, 200, numberPage({ operator: this.context.operator }))
    else await this.begin(visit, await subscriberOfHint(this.context, hint, clientId))
  }

  /** `hint-ignored`: the operator asks the user for a number, even when the request has a hint. */
  private hintOf({ uid, params }: Visit): string | undefined {
    const { login_hint: hint } = params
    if (hint !== undefined && !this.unhinted.has(uid) && takeDefect(this.context, ['hint-ignored'])) { this.unhinted.set(uid, true) }
    return this.unhinted.has(uid) ? undefined : hint
  }

  /** The number, or that the person has changed their mind. */
  async answer(visit: Visit): Promise<void> {
    const { operator } = this.context
    const { msisdn, cancel } = fieldsOf(visit.req.body)
    if (cancel !== undefined) return this.refuse(visit, 'access_denied', 'User failed to authenticate')
    const subscriber = subscriberOf(this.context, digitsOf(msisdn ?? ''))
    if (subscriber) await this.begin(visit, subscriber)
    else sendPage(visit.res, 404, numberPage({ operator, problem: `${operator.name} does not know this number.` }))
  }

  private async begin(visit: Visit, subscriber: Subscriber | undefined): Promise<void> {
    const { uid, req, res } = visit
    // A page loaded twice at once rings once.
    if (this.waiting.has(uid)) return this.show(visit)
    const params = this.unhinted.has(uid) ? { ...visit.params, login_hint: undefined } : visit.params
    const level = subscriber && levelFor(this.context, params.acr_values ?? '2', subscriber)
    if (!subscriber) return this.refuse(visit, 'access_denied', 'Unknown Mobile Connect User')
    if (level === undefined) return this.refuse(visit, 'access_denied', 'User failed to authenticate')
    const asked = { subscriber, level, clientId: params.client_id ?? '', params: shownParameters(this.context, params) }
    const { id } = askHandset(this.context, { ...asked, patience: this.context.patience })
    this.waiting.set(uid, { ...asked, prompt: id })
    res.redirect(303, req.originalUrl)
  }

  private async goOn(visit: Visit, asked: Waiting): Promise<void> {
    switch (this.context.handsets.answerTo(asked.prompt)) {
      case undefined: return sendPage(visit.res, 200, waitingPage({ operator: this.context.operator, ...asked }))
      case 'denied': return this.refuse(visit, 'access_denied', 'Subscriber denied the request')
      case 'expired': return this.refuse(visit, 'authorization_error', 'Subscriber consent waiting time expired')
      case 'approved': {
        const { grantId, result } = await createGrant(this.context, this.provider, asked)
        await this.finish(visit, { login: result, consent: { grantId }, select_account: {}, no_seam: {} })
      }
    }
  }

  /** A prompt leaves the handset when its browser has left. */
  private async refuse(visit: Visit, error: string, description: string): Promise<void> {
    this.context.handsets.withdraw(this.waiting.get(visit.uid)?.prompt)
    await this.finish(visit, { error, error_description: description })
  }

  private async finish({ req, res, uid }: Visit, result: Record<string, unknown>): Promise<void> {
    this.waiting.delete(uid)
    await this.provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false })
  }
}
