import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import { acrPolicy, meets } from '../protocol/acr.js'
import type { Question } from '../protocol/authorization.js'
import { detailsDigest, detailsText, unshowable } from '../protocol/details.js'
import type { Purpose } from '../protocol/redirect.js'
import type { ProtocolSettings } from '../protocol/settings.js'
import type { ExpectedAnswer } from '../protocol/transaction.js'
import type { SessionTransactions } from './session-transactions.js'
import type { Person } from './person.js'
import { wholeSeconds } from './read-options.js'
import type { AuthenticateOptions, StrategyOptions, StrategyOptionsWithRequest } from './strategy-options.js'

/** One request of one login. */
export interface Login {
  readonly req: Request
  readonly route: AuthenticateOptions
  readonly options: StrategyOptions | StrategyOptionsWithRequest
  readonly settings: ProtocolSettings
  readonly person: Person
  readonly kept: SessionTransactions
}

/** What the operator is asked. */
export async function questionOf({ req, route, options, settings, person }: Login): Promise<Question> {
  const details = detailsIn(route)
  const shown = details === undefined ? undefined : detailsText(details)
  const { uiLocales, correlationId } = options
  return {
    acr: acrPolicy(route) ?? settings.acr,
    maxAge: shorter(settings.maxAge, wholeSeconds(route.maxAge)),
    // An operator that still knows the person from another login would show nothing (OpenID Connect Core §3.1.2.1).
    prompt: route.prompt ?? options.prompt ?? (details === undefined ? undefined : 'login'),
    uiLocales: typeof uiLocales === 'function' ? await uiLocales(req) : uiLocales,
    loginHint: person.loginHint,
    // What is confirmed is what is shown: the app's own words stand only where nothing is bound to them.
    context: shown ?? await options.context?.(req),
    bindingMessage: shown ?? await options.bindingMessage?.(req),
    details: shown,
    claims: options.claims,
    correlationId: typeof correlationId === 'function' ? await correlationId(req) : correlationId === true ? randomUUID() : undefined,
    parameters: await options.parameters?.(req),
  }
}

/** The name of a value that no phone can show as it is. */
export const unshowableIn = ({ route }: Login): string | undefined => unshowable(detailsIn(route) ?? {})

const detailsIn = ({ details }: AuthenticateOptions) => (details === undefined || Object.keys(details).length === 0 ? undefined : details)

const shorter = (one: number | undefined, other: number | undefined): number | undefined =>
  (one === undefined || other === undefined ? one ?? other : Math.min(one, other))

/** For whom, and for what, so that it can not end for anybody or anything else. */
export function purposeOf(login: Login, sent: { readonly loginHint?: string | undefined }): Purpose {
  const { person: { subject, number, loginHint } } = login
  return { subject, details: boundIn(login), number, isHinted: loginHint !== undefined, counted: countedOf(login, sent) }
}

const boundIn = ({ route }: Login): string | undefined => {
  const details = detailsIn(route)
  return details && detailsDigest(details)
}

/**
 * Whose phone it is that rings: of a number all spellings and encryptions are one, and of an account all numbers. A hint that does not tell whose
 * it is, and may be another one each time, is counted by who asks; a PCR is the same one each time. Each kind has its own name, lest a hint that
 * a stranger wrote counts for an account.
 */
function countedOf({ req, person: { account, number } }: Login, { loginHint }: { readonly loginHint?: string | undefined }): string[] {
  const byAccount = account === undefined ? [] : [`account ${account}`]
  if (number !== undefined) return [`number ${number}`, ...byAccount]
  if (loginHint === undefined || account !== undefined) return byAccount
  const byHint = `hint ${loginHint}`
  return loginHint.startsWith('PCR:') ? [byHint] : [byHint, `address ${req.ip ?? ''}`]
}

/**
 * Whether what ends is what was begun. The route that ends it may ask for nothing, for it is often another one than began it; what it does
 * ask for must have been asked for.
 */
export function isSamePurpose(login: Login, promised: Pick<ExpectedAnswer, 'details'>): boolean {
  const details = boundIn(login)
  return details === undefined || details === promised.details
}

/** What the ending route wants beyond what was promised. */
export const stricter = <P extends ExpectedAnswer>({ route }: Login, promised: P): P =>
  ({ ...promised, maxAge: shorter(promised.maxAge, wholeSeconds(route.maxAge)) })

export function meetsRoute({ route }: Login, acr: string | undefined): boolean {
  const policy = acrPolicy(route)
  return policy === undefined || meets(policy, acr)
}
