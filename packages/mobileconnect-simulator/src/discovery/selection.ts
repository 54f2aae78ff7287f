import { randomUUID } from 'node:crypto'
import express, { Router, type Request, type Response } from 'express'
import { BoundedMap } from '../bounded-map.js'
import { fieldsOf } from '../form-fields.js'
import { digitsOf } from '../msisdn.js'
import { sendPage } from '../pages/page.js'
import { selectionErrorPage, selectionPage } from '../pages/selection.js'
import type { Directory } from './directory.js'

/** Whom the person chooses an operator for. */
export interface Choice {
  readonly redirectUrl: string
  readonly correlationId: string | undefined
}

const path = '/users/operator-selection'

export const isSelection = (requested: string): boolean => requested === path

/** The operator-selection page. */
export function selectionOf(directory: Directory, url: string) {
  const choices = new BoundedMap<Choice>()
  const names = directory.operators.map(({ context }) => context.operator)

  const choiceOf = (req: Request, res: Response): Choice | undefined => {
    const choice = choices.get(fieldsOf(req.query).session_id ?? '')
    if (!choice) sendPage(res, 404, selectionErrorPage())
    return choice
  }

  const choose = async (req: Request, res: Response): Promise<void> => {
    const choice = choiceOf(req, res)
    if (!choice) return
    const { operator: id, msisdn, cancel } = fieldsOf(req.body)
    if (cancel !== undefined) { return goBack(res, choice, { error: 'access_denied', error_description: 'User cancelled' }) }
    const digits = digitsOf(msisdn ?? '')
    const operator = digits === '' ? directory.byId(id) : directory.byNumber(digits)
    if (!operator) { return sendPage(res, 404, selectionPage({ operators: names, problem: 'No operator here knows that number.' })) }
    const { mcc, mnc } = operator.control
    goBack(res, choice, {
      mcc_mnc: `${mcc}_${mnc}`,
      ...(digits === '' ? {} : { subscriber_id: await operator.context.subscriberIds.encrypt(digits) }),
    })
  }

  const router = Router()
  router.get(path, (req, res) => {
    if (choiceOf(req, res)) sendPage(res, 200, selectionPage({ operators: names }))
  })
  router.post(path, express.urlencoded({ extended: false }), choose)

  /** Where to send the browser. */
  const begin = (choice: Choice): string => {
    const id = randomUUID()
    choices.set(id, choice)
    return `${url}${path}?session_id=${id}`
  }
  return { router, begin }
}

function goBack(res: Response, { redirectUrl, correlationId }: Choice, params: Readonly<Record<string, string>>): void {
  const url = new URL(redirectUrl)
  const all = correlationId === undefined ? params : { ...params, correlation_id: correlationId }
  Object.entries(all).forEach(([name, value]) => url.searchParams.set(name, value))
  res.redirect(303, url.href)
}
