import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import { acrPolicy, meets } from '../protocol/acr.js'
import type { Question } from '../protocol/authorization.js'
import { digestOf, textOf } from '../protocol/details.js'
import type { Purpose } from '../protocol/redirect.js'
import type { ProtocolSettings } from '../protocol/settings.js'
import type { Promised } from '../protocol/transaction.js'
import type { KeptTransactions } from './kept-transactions.js'
import type { Person } from './person.js'
import { wholeSeconds } from './read-options.js'
import type { AuthenticateOptions, StrategyOptions } from './strategy-options.js'

/** One request of one login. */
export interface Login {
  readonly req: Request
  readonly route: AuthenticateOptions
  readonly options: Omit<StrategyOptions, 'passReqToCallback'>
  readonly settings: ProtocolSettings
  readonly person: Person
  readonly kept: KeptTransactions
}

/** What the operator is asked. */
export async function questionOf({ req, route, options, settings, person }: Login): Promise<Question> {
  const details = detailsIn(route)
  const shown = details === undefined ? undefined : textOf(details)
  const { uiLocales, correlationId } = options
  return {
    acr: acrPolicy(route) ?? settings.acr,
    maxAge: shorter(settings.maxAge, wholeSeconds(route.maxAge)),
    prompt: route.prompt ?? options.prompt,
    uiLocales: typeof uiLocales === 'function' ? await uiLocales(req) : uiLocales,
    loginHint: person.loginHint,
    context: await options.context?.(req) ?? shown,
    bindingMessage: await options.bindingMessage?.(req) ?? shown,
    claims: options.claims,
    correlationId: typeof correlationId === 'function' ? await correlationId(req) : correlationId === true ? randomUUID() : undefined,
    parameters: await options.parameters?.(req),
  }
}

const detailsIn = ({ details }: AuthenticateOptions) => (details === undefined || Object.keys(details).length === 0 ? undefined : details)

const shorter = (one: number | undefined, other: number | undefined): number | undefined =>
  (one === undefined || other === undefined ? one ?? other : Math.min(one, other))

/** For whom, and for what, so that it can not end for anybody or anything else. */
export function purposeOf({ route, person: { subject, number } }: Login): Purpose {
  const details = detailsIn(route)
  return { subject, details: details && digestOf(details), number }
}

/**
 * Whether what ends is what was begun. The route that ends it may ask for nothing, for it is often another one than began it; what it does
 * ask for must have been asked for.
 */
export function isSamePurpose(login: Login, promised: Pick<Promised, 'details'>): boolean {
  const { details } = purposeOf(login)
  return details === undefined || details === promised.details
}

/** What the ending route wants beyond what was promised. */
export const stricter = <P extends Promised>({ route }: Login, promised: P): P =>
  ({ ...promised, maxAge: shorter(promised.maxAge, wholeSeconds(route.maxAge)) })

export function meetsRoute({ route }: Login, acr: string | undefined): boolean {
  const policy = acrPolicy(route)
  return policy === undefined || meets(policy, acr)
}
