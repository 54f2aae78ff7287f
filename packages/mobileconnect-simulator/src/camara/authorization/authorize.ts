import type { Request, RequestHandler, Response } from 'express'
import { fieldsOf, type Fields } from '../../form-fields.js'
import { HANDSET_HEADER } from '../../handsets/handset.js'
import { digitsOf } from '../../msisdn.js'
import { isLoopback } from '../../operator/clients.js'
import { page, sendPage } from '../../pages/page.js'
import { html } from '#internal/html'
import type { Person } from '../tokens/access-tokens.js'
import type { CamaraClient, CamaraContext } from '../tokens/context.js'
import type { Codes } from './codes.js'
import { OAuthError } from './oauth-error.js'
import { requestParameters } from './request-object.js'
import { requestedScope, requireOpenId } from './requested-scope.js'

/**
 * The authorization endpoint. Nobody is asked anything: the mobile network says whose handset the browser runs on, or
 * there is no answer (security profile, "OIDC Authorization Code Flow").
 */
export const authorize = (context: CamaraContext, codes: Codes): RequestHandler => async (req, res) => {
  const given = fieldsOf(req.query, req.body)
  const { client_id: clientId, redirect_uri: redirectUri } = given
  const client = context.clients.find((registered) => registered.clientId === clientId)
  if (!client) return showProblem(res, 'The client is unknown.')
  if (redirectUri === undefined || !mayReturn(client, redirectUri)) {
    return showProblem(res, 'redirect_uri is missing, or is not registered.')
  }
  const { state } = given
  const back = (answer: Fields) =>
    res.redirect(302, locationOf(redirectUri, { ...answer, state, iss: context.issuer }))
  try {
    const code = await codeFor(context, codes, { req, client, given, redirectUri })
    back({ code })
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    back({ error: error.error, error_description: error.message })
  }
}

interface Asked {
  readonly req: Request
  readonly client: CamaraClient
  readonly given: Fields
  readonly redirectUri: string
}

async function codeFor(context: CamaraContext, codes: Codes, asked: Asked): Promise<string> {
  const { req, client, given, redirectUri } = asked
  const fault = context.faults.refusalOf(req)
  if (fault?.error !== undefined) throw new OAuthError(fault.error, fault.errorDescription ?? 'The simulator was told to fail.')
  const params = await requestParameters(context, client, given, {
    path: '/authorize',
    repeated: ['scope', 'response_type', 'client_id', 'redirect_uri'],
  })
  if (params.response_type !== 'code') throw new OAuthError('unsupported_response_type', 'response_type is code.')
  const scope = requestedScope(client, params.scope)
  requireOpenId(scope)
  const { state, nonce, code_challenge: challenge, code_challenge_method: method } = params
  if (state === undefined) throw missing('state')
  if (nonce === undefined) throw missing('nonce')
  if (challenge === undefined || !/^[\w-]{43}$/.test(challenge)) throw missing('code_challenge')
  if (method !== 'S256') throw new OAuthError('invalid_request', 'code_challenge_method is S256.')
  const person = personOf(context, req)
  if (!person) throw new OAuthError('login_required', 'The device is not on the mobile network, and nobody may be asked.')
  return codes.issue({ clientId: client.clientId, redirectUri, challenge, nonce, scope, person })
}

/** Whose mobile data the request came over. */
function personOf({ handsets }: CamaraContext, req: Request): Person | undefined {
  const claimed = req.get(HANDSET_HEADER)
  const line = handsets.lines.carrierOf(claimed === undefined ? undefined : digitsOf(claimed))
  return line && { digits: line.digits, by: 'network' }
}

const missing = (name: string): OAuthError => new OAuthError('invalid_request', `${name} is missing or malformed.`)

const mayReturn = ({ redirectUris }: CamaraClient, uri: string): boolean =>
  redirectUris?.includes(uri) ?? isLoopback(uri)

function locationOf(uri: string, parameters: Fields): string {
  const url = new URL(uri)
  Object.entries(parameters).forEach(([name, value]) => value !== undefined && url.searchParams.set(name, value))
  return url.href
}

/** Without a client and an address of its own there is nowhere to go back to (RFC 6749 §4.1.2.1). */
const showProblem = (res: Response, problem: string): void =>
  sendPage(res, 400, page({ from: 'CAMARA', title: 'That did not work', body: html`<p>${problem}</p>` }))
