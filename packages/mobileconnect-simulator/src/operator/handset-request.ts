import { inSeconds } from '../clock.js'
import type { Subscriber } from '../configuration.js'
import type { Level } from '../options.js'
import type { Fields } from '../form-fields.js'
import type { Answer } from '../handsets/handsets.js'
import type { Prompt } from '../handsets/prompt.js'
import { claimsOf } from './approvals.js'
import type { OperatorContext, Provider } from './context.js'
import { takeDefect } from './take-defect.js'
import { pcrOf } from './hints.js'

export interface HandsetRequest {
  readonly subscriber: Subscriber
  readonly level: Level
  readonly clientId: string
  readonly params: Fields
}

interface WaitingRequest extends HandsetRequest {
  /** Milliseconds. */
  readonly patience: number
  readonly onAnswer?: (answer: Answer) => Promise<void>
}

/** What the handset will show. `shows-else`: something else than was asked for. */
export const shownParameters = (context: OperatorContext, params: Fields): Fields =>
  (takeDefect(context, ['shows-else']) ? { ...params, context: 'Log in?', binding_message: undefined } : params)

/** Shows a request on the subscriber's handset. */
export function askHandset(
  context: OperatorContext,
  { subscriber, level, clientId, params, patience, onAnswer }: WaitingRequest,
): Prompt {
  const { handsets, operator, clients } = context
  return handsets.ask({
    msisdn: subscriber.msisdn,
    operator: operator.id,
    loa: level,
    patience,
    clientName: params.client_name ?? clients.find((client) => client.clientId === clientId)?.name,
    bindingMessage: params.binding_message,
    context: params.context,
    ...(level >= 3 ? { pin: subscriber.pin } : {}),
    ...(onAnswer ? { onAnswer } : {}),
  })
}

/** Makes the grant that tokens are given for, and keeps what the ID token will say. */
export async function createGrant(
  context: OperatorContext,
  provider: Provider,
  { subscriber, level, clientId, params }: HandsetRequest,
) {
  const accountId = pcrOf(context, subscriber.digits, clientId)
  const grant = new provider.Grant({ accountId, clientId })
  grant.addOIDCScope(params.scope ?? 'openid')
  grant.addOIDCClaims(requestedClaims(params.claims))
  const grantId = await grant.save()
  const at = context.clock.now()
  const displayed =
    params.context === undefined ? undefined : [params.context, params.binding_message].filter(Boolean).join(' ')
  context.approvals.set(grantId, { level, at, loginHint: params.login_hint, displayed })
  const { acr, amr } = claimsOf({ level, at, loginHint: undefined, displayed }) as { acr: string, amr: string[] }
  return { grantId, result: { accountId, acr, amr, ts: inSeconds(at - context.clock.ahead()), remember: false } }
}

const requestedClaims = (claims: string | undefined): string[] => {
  const { id_token: inToken = {}, userinfo = {} } = JSON.parse(claims ?? '{}') as {
    id_token?: object
    userinfo?: object
  }
  return [...Object.keys(inToken), ...Object.keys(userinfo)]
}
