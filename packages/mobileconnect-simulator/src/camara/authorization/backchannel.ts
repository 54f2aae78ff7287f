import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import { BoundedMap } from '../../bounded-map.js'
import { fieldsOf } from '../../form-fields.js'
import { pollTimes } from '../../operator/poll-times.js'
import type { Person } from '../tokens/access-tokens.js'
import { subscriberOf, type CamaraClient, type CamaraContext } from '../tokens/context.js'
import { authenticatedClient } from './client-authentication.js'
import { hintOf, type Hint } from './login-hint.js'
import { OAuthError } from './oauth-error.js'
import { requestParameters } from './request-object.js'
import { requestedScope, requireOpenId, type RequestedScope } from './requested-scope.js'
import { sendOAuthError } from './send-error.js'
import { accessTokenFor, idTokenFor, tokensAnswer, type Tokens } from './tokens-answer.js'

type Outcome = 'pending' | 'denied' | 'expired' | Person

interface BackchannelRequest {
  readonly clientId: string
  readonly scope: RequestedScope
  readonly expiresAt: number
  outcome: Outcome
}

/** The requests that are under way, and when each was polled last. */
export interface Backchannel {
  readonly requests: BoundedMap<BackchannelRequest>
  readonly polls: ReturnType<typeof pollTimes>
}

export const backchannelOf = (context: CamaraContext): Backchannel =>
  ({ requests: new BoundedMap<BackchannelRequest>(), polls: pollTimes(context) })

/**
 * CIBA, by poll alone. `tel:` rings the handset, and proves no SIM; an operator token and a mobile address are proof in
 * themselves (security profile, "Client-Initiated Backchannel Authentication Flow").
 */
export const backchannelAuthorize = (context: CamaraContext, { requests }: Backchannel): RequestHandler =>
  async (req, res) => {
    try {
      const given = fieldsOf(req.body)
      const client = await authenticatedClient(context, req, given)
      const params = await requestParameters(context, client, given, { path: '/bc-authorize', repeated: [] })
      const scope = requestedScope(client, params.scope)
      requireOpenId(scope)
      if (params.login_hint_token !== undefined || params.id_token_hint !== undefined) {
        throw new OAuthError('invalid_request', 'login_hint is the only hint.')
      }
      const hint = hintOf(params.login_hint)
      if (!hint) throw new OAuthError('invalid_request', 'login_hint is tel:, ipport: or operatortoken:.')
      const request: BackchannelRequest = {
        clientId: client.clientId, scope, expiresAt: context.clock.now() + context.patience, outcome: 'pending',
      }
      identify(context, { hint, client, request })
      const id = randomUUID()
      requests.set(id, request)
      const [expires, interval] = [context.patience, context.interval].map((length) => Math.ceil(length / 1000))
      res.set('Cache-Control', 'no-store').json({ auth_req_id: id, expires_in: expires, interval })
    } catch (error) {
      sendOAuthError(res, error)
    }
  }

interface Identified {
  readonly hint: Hint
  readonly client: CamaraClient
  readonly request: BackchannelRequest
}

function identify(context: CamaraContext, { hint, client, request }: Identified): void {
  const { lines } = context.handsets
  switch (hint.kind) {
    case 'tel': {
      const subscriber = subscriberOf(context, hint.digits)
      if (!subscriber) throw unknownUser()
      context.handsets.ask({
        msisdn: subscriber.msisdn,
        operator: subscriber.operator,
        clientName: client.name,
        loa: 2,
        patience: context.patience,
        onAnswer: async (answer) => {
          request.outcome = answer === 'approved' ? { digits: subscriber.digits, by: 'handset' } : answer
        },
      })
      return
    }
    case 'operatortoken': {
      const line = lines.redeem(hint.token)
      if (!line) throw unknownUser()
      request.outcome = { digits: line.digits, by: 'sim' }
      return
    }
    case 'ipport': {
      const line = isLoopbackAddress(hint.address) ? lines.carrierOf(undefined) : undefined
      if (!line) throw unknownUser()
      request.outcome = { digits: line.digits, by: 'network' }
    }
  }
}

/** This machine's address. It is the address of the handset, too, because the machine is tethered to it. */
const isLoopbackAddress = (address: string): boolean => address === '::1' || address.startsWith('127.')

interface Poll {
  readonly clientId: string
  readonly id: string | undefined
  readonly boundTo: string | undefined
}

/** The answer to a poll (CIBA §11). A request that is answered is over. @throws OAuthError */
export async function backchannelGrant(
  context: CamaraContext,
  { requests, polls }: Backchannel,
  { clientId, id = '', boundTo }: Poll,
): Promise<Tokens> {
  const request = requests.get(id)
  if (request?.clientId !== clientId) {
    throw new OAuthError('invalid_grant', 'The auth_req_id is unknown, or has been answered.')
  }
  const { outcome, scope, expiresAt } = request
  if (outcome === 'pending' && context.clock.now() < expiresAt) {
    throw polls.tooEarly(id)
      ? new OAuthError('slow_down', 'The poll comes too soon: five seconds more from now on.')
      : new OAuthError('authorization_pending', 'The person has not answered yet.')
  }
  requests.delete(id)
  if (outcome === 'denied') throw new OAuthError('access_denied', 'The person has refused.')
  if (outcome === 'expired' || outcome === 'pending') throw new OAuthError('expired_token', 'Nobody answered in time.')
  const accessToken = accessTokenFor(context, { clientId, scope, person: outcome, boundTo })
  const identity = await idTokenFor(context, { clientId, person: outcome })
  return { ...tokensAnswer(accessToken, { scope, boundTo }), id_token: identity }
}

const unknownUser = (): OAuthError => new OAuthError('unknown_user_id', 'The login_hint names nobody.')
