import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Fields } from '../form-fields.js'
import { requestingClient, requestParameters } from './oidc-request.js'
import type { OperatorContext } from './context.js'
import { isHint } from './hints.js'
import { offeredLevels } from './levels.js'

/**
 * What real gateways demand beyond OpenID Connect (Mobile Connect profile; their published texts). Called by
 * oidc-provider when pushed parameters and request objects are unfolded.
 */
export function checkAuthorization(context: OperatorContext, ctx: KoaContextWithOIDC): void {
  const { InvalidRequest, CustomOIDCProviderError } = context.library.errors
  const refusal = context.faults.refusalOf(ctx.req)
  if (refusal) throw new CustomOIDCProviderError(refusal.error ?? '', refusal.errorDescription)
  const params = requestParameters(ctx)
  checkHint(context, params)
  if (ctx.oidc.route === 'backchannel_authentication') return
  const missing = (name: string) => new InvalidRequest(`MANDATORY parameter ${name} is missing or invalid`)
  for (const name of ['state', 'nonce', 'version', 'acr_values']) if (!params[name]) throw missing(name)
  const { version = '', acr_values: levels = '' } = params
  if (!versions.includes(version)) throw missing('version')
  if (!/^[1-4]( [1-4])*$/.test(levels) || offeredLevels(context, levels).length === 0) throw missing('acr_values')
  checkScope(context, ctx, params)
}

export const versions = ['mc_v1.1', 'mc_v2.0', 'mc_di_r2_v2.3']

function checkHint(
  { library: { errors } }: OperatorContext,
  { login_hint: hint, login_hint_token: token }: Fields,
): void {
  if (hint !== undefined && !isHint(hint)) throw new errors.InvalidRequest('Mandatory parameter login_hint is invalid')
  if (token !== undefined) throw new errors.InvalidRequest('Mandatory parameter login_hint_token is invalid')
}

function checkScope(context: OperatorContext, ctx: KoaContextWithOIDC, { scope = '', ...params }: Fields): void {
  const { errors } = context.library
  const scopes = scope.split(' ')
  if (scopes.length < 2) throw new errors.InvalidScope('The scope value is invalid', scope)
  const registered = requestingClient(context, ctx)?.name
  if (params.client_name !== undefined && registered !== undefined && params.client_name !== registered) {
    throw new errors.InvalidRequest('MANDATORY parameter client_name is missing or invalid')
  }
  if (!scopes.includes('mc_authz')) return
  for (const name of ['client_name', 'context']) {
    if (!params[name]) throw new errors.InvalidRequest(`MANDATORY parameter ${name} is missing or invalid`)
  }
}
