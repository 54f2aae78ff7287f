import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import { acrPolicy, meets } from '../protocol/acr.js'
import type { Question } from '../protocol/authorization.js'
import { detailsDigest, detailsText, unshowable } from '../protocol/details.js'
import type { Purpose } from '../protocol/redirect.js'
import type { ProtocolSettings } from '../protocol/settings.js'
import type { ExpectedAnswer } from '../protocol/transaction.js'
import type { SessionTransactions } from '#internal/transactions/session-transactions'
import type { Person } from './person.js'
import { wholeSeconds } from './read-options.js'
import type { AuthenticateOptions, StrategyOptions, StrategyOptionsWithRequest } from './strategy-options.js'

/** One request of a login, with all that the strategy knows about it. */
export interface Login {
  readonly req: Request
  readonly route: AuthenticateOptions
  readonly options: StrategyOptions | StrategyOptionsWithRequest
  readonly settings: ProtocolSettings
  readonly person: Person
  readonly kept: SessionTransactions
}

/** What the app asks the operator. */
export async function questionOf({ req, route, options, settings, person }: Login): Promise<Question> {
  const details = detailsIn(route)
  const shown = details === undefined ? undefined : detailsText(details)
  const { uiLocales } = options
  return {
    acr: acrPolicy(route) ?? settings.acr,
    maxAge: shorter(settings.maxAge, wholeSeconds(route.maxAge)),
    // Without `login`, an operator with a session of the user would show nothing (OpenID Connect Core §3.1.2.1).
    prompt: route.prompt ?? options.prompt ?? (details === undefined ? undefined : 'login'),
    uiLocales: typeof uiLocales === 'function' ? await uiLocales(req) : uiLocales,
    loginHint: person.loginHint,
    // The phone shows what the user confirms. So the app's own words are sent only when there are no details.
    context: shown ?? await options.context?.(req),
    bindingMessage: shown ?? await options.bindingMessage?.(req),
    details: shown,
    claims: options.claims,
    correlationId: await correlationIdFor(req, options.correlationId),
    parameters: await options.parameters?.(req),
  }
}

async function correlationIdFor(
  req: Request,
  option: StrategyOptions['correlationId'],
): Promise<string | undefined> {
  if (typeof option === 'function') return option(req)
  return option === true ? randomUUID() : undefined
}

/** The name of a value of `details` that no phone can show as it is. */
export const unshowableIn = ({ route }: Login): string | undefined => unshowable(detailsIn(route) ?? {})

const detailsIn = ({ details }: AuthenticateOptions) =>
  details === undefined || Object.keys(details).length === 0 ? undefined : details

function shorter(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Math.min(one, other)
}

/** Whom the login is for, and what it confirms. The transaction keeps it, so that the login ends for nothing else. */
export function purposeOf(login: Login, sent: { readonly loginHint?: string | undefined }): Purpose {
  const { person: { subject, number, loginHint } } = login
  return {
    subject,
    details: boundIn(login),
    number,
    isHinted: loginHint !== undefined,
    counted: countedOf(login, sent),
  }
}

const boundIn = ({ route }: Login): string | undefined => {
  const details = detailsIn(route)
  return details && detailsDigest(details)
}

/**
 * The names under which the login counts for `beginLimits`.
 * - A number has one name for all its spellings and encryptions, and an account has one name for all its numbers.
 * - A PCR is the same each time. Any other hint may be new each time, so the address of the request counts, too.
 * The kind begins each name. Otherwise a hint that a stranger wrote could count for an account.
 */
function countedOf(
  { req, person: { account, number } }: Login,
  { loginHint }: { readonly loginHint?: string | undefined },
): string[] {
  const byAccount = account === undefined ? [] : [`account ${account}`]
  if (number !== undefined) return [`number ${number}`, ...byAccount]
  if (loginHint === undefined || account !== undefined) return byAccount
  const byHint = `hint ${loginHint}`
  return loginHint.startsWith('PCR:') ? [byHint] : [byHint, `address ${req.ip ?? ''}`]
}

/**
 * Whether the login that ends confirms the details of the route that ends it.
 * That route is often another one than began the login, and then has no details. Details that it has must be the same.
 */
export function isSamePurpose(login: Login, expected: Pick<ExpectedAnswer, 'details'>): boolean {
  const details = boundIn(login)
  return details === undefined || details === expected.details
}

/** Adds the `maxAge` of the route that ends the login, when it is the shorter one. */
export const stricter = <Expected extends ExpectedAnswer>({ route }: Login, expected: Expected): Expected =>
  ({ ...expected, maxAge: shorter(expected.maxAge, wholeSeconds(route.maxAge)) })

export function meetsRoute({ route }: Login, acr: string | undefined): boolean {
  const policy = acrPolicy(route)
  return policy === undefined || meets(policy, acr)
}
