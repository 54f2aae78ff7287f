import type { KoaContextWithOIDC } from 'oidc-provider'
import type { OperatorContext } from './context.js'
import { isHint } from './hints.js'
import { offeredLevels } from './levels.js'

type Params = Readonly<Record<string, string | undefined>>

/**
 * What real gateways demand beyond OpenID Connect (Mobile Connect profile; their published texts). Called by oidc-provider when pushed
 * parameters and request objects are unfolded.
 */
export function checkAuthorization(context: OperatorContext, ctx: KoaContextWithOIDC): void {
  const { InvalidRequest, CustomOIDCProviderError } = context.library.errors
  const refusal = context.faults.refusalOf(ctx.req)
  if (refusal) throw new CustomOIDCProviderError(refusal.error ?? '', refusal.errorDescription)
  const params = (ctx.oidc.params ?? {}) as Params
  checkHint(context, params)
  if (ctx.oidc.route === 'backchannel_authentication') return
  const missing = (name: string) => new InvalidRequest(`MANDATORY parameter ${name} is missing or invalid`)
  for (const name of ['state', 'nonce', 'version', 'acr_values']) if (!params[name]) throw missing(name)
  if (!versions.includes(params.version ?? '')) throw missing('version')
  if (!/^[1-4]( [1-4])*$/.test(params.acr_values ?? '') || offeredLevels(context, params.acr_values ?? '').length === 0) throw missing('acr_values')
  checkScope(context, ctx, params)
}

export const versions = ['mc_v1.1', 'mc_v2.0', 'mc_di_r2_v2.3']

function checkHint({ library: { errors } }: OperatorContext, { login_hint: hint, login_hint_token: token }: Params): void {
  if (hint !== undefined && !isHint(hint)) throw new errors.InvalidRequest('Mandatory parameter login_hint is invalid')
  if (token !== undefined) throw new errors.InvalidRequest('Mandatory parameter login_hint_token is invalid')
}

function checkScope({ library: { errors }, clients }: OperatorContext, ctx: KoaContextWithOIDC, params: Params): void {
  const scopes = (params.scope ?? '').split(' ')
  if (scopes.length < 2) throw new errors.InvalidScope('The scope value is invalid', params.scope ?? '')
  const registered = clients.find(({ clientId }) => clientId === ctx.oidc.client?.clientId)?.name
  if (params.client_name !== undefined && registered !== undefined && params.client_name !== registered) {
    throw new errors.InvalidRequest('MANDATORY parameter client_name is missing or invalid')
  }
  if (!scopes.includes('mc_authz')) return
  for (const name of ['client_name', 'context']) {
    if (!params[name]) throw new errors.InvalidRequest(`MANDATORY parameter ${name} is missing or invalid`)
  }
}
