import express, { Router, type Request, type Response } from 'express'
import { BoundedMap } from '../bounded-map.js'
import type { Subscriber } from '../configuration.js'
import { digitsOf } from '../msisdn.js'
import { errorPage, numberPage, waitingPage } from '../pages/operator.js'
import { sendPage } from '../pages/page.js'
import type { OperatorContext, Provider } from './context.js'
import { subscriberOf, subscriberOfHint } from './hints.js'
import { levelFor } from './levels.js'
import { approve, ask, type Asked } from './questions.js'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>
interface Waiting extends Asked { readonly prompt: string }

/** What the browser sees at the operator while the subscriber looks at the phone. It needs no JavaScript: the page reloads itself. */
export function interactionRoutes(context: OperatorContext, provider: Provider): Router {
  const { operator } = context
  const waiting = new BoundedMap<Waiting>()
  const router = Router()

  const finish = (req: Request, res: Response, result: Record<string, unknown>) =>
    provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false })
  const refuse = (req: Request, res: Response, error: string, description: string) => finish(req, res, { error, error_description: description })

  const begin = async (req: Request, res: Response, interaction: Interaction, subscriber: Subscriber | undefined): Promise<void> => {
    if (!subscriber) return refuse(req, res, 'access_denied', 'Unknown Mobile Connect User')
    const params = interaction.params as Asked['params']
    const level = levelFor(context, params.acr_values ?? '2', subscriber)
    if (level === undefined) return refuse(req, res, 'access_denied', 'User failed to authenticate')
    const asked = { subscriber, level, clientId: params.client_id ?? '', params }
    const { id } = ask(context, { ...asked, patience: context.patience })
    waiting.set(interaction.uid, { ...asked, prompt: id })
    res.redirect(303, req.originalUrl)
  }

  const goOn = async (req: Request, res: Response, uid: string, asked: Waiting): Promise<void> => {
    switch (context.handsets.answerTo(asked.prompt)) {
      case undefined: return sendPage(res, 200, waitingPage({ operator, subscriber: asked.subscriber, params: asked.params, level: asked.level }))
      case 'denied': return refuse(req, res, 'access_denied', 'Subscriber denied the request')
      case 'expired': return refuse(req, res, 'authorization_error', 'Subscriber consent waiting time expired')
      case 'approved': {
        waiting.delete(uid)
        const { grantId, result } = await approve(context, provider, asked)
        await finish(req, res, { login: result, consent: { grantId }, select_account: {}, no_seam: {} })
      }
    }
  }

  const details = async (req: Request, res: Response): Promise<Interaction | undefined> => {
    const interaction = await provider.interactionDetails(req, res).catch(() => undefined)
    if (interaction?.uid === req.params.uid) return interaction
    sendPage(res, 400, errorPage({ operator, error: 'invalid_request', description: 'This request is over, or began in another browser.' }))
    return undefined
  }

  router.get('/:uid', async (req, res) => {
    const interaction = await details(req, res)
    if (!interaction) return
    const asked = waiting.get(interaction.uid)
    if (asked) return goOn(req, res, interaction.uid, asked)
    const { login_hint: hint, client_id: clientId } = interaction.params as Asked['params']
    if (hint === undefined) return sendPage(res, 200, numberPage({ operator }))
    await begin(req, res, interaction, await subscriberOfHint(context, hint, clientId ?? ''))
  })

  router.post('/:uid', express.urlencoded({ extended: false }), async (req, res) => {
    const interaction = await details(req, res)
    if (!interaction) return
    const { msisdn, cancel } = req.body as { msisdn?: string, cancel?: string }
    if (cancel !== undefined) return refuse(req, res, 'access_denied', 'User failed to authenticate')
    const subscriber = subscriberOf(context, digitsOf(msisdn ?? ''))
    if (!subscriber) return sendPage(res, 404, numberPage({ operator, problem: `${operator.name} does not know this number.` }))
    await begin(req, res, interaction, subscriber)
  })

  return router
}
