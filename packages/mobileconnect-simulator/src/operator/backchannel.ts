import type { BackchannelAuthenticationRequest, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { clientIdOf, requestParameters } from './oidc-request.js'
import type { OperatorContext, Provider } from './context.js'
import { pcrOf, subscriberOfHint, subscriberOfPcr } from './hints.js'
import { levelFor } from './levels.js'
import type { Fields } from '../form-fields.js'
import { createGrant, askHandset, shownParameters } from './handset-request.js'

type Ciba = NonNullable<NonNullable<Configuration['features']>['ciba']>

/** OpenID Connect CIBA, poll: the question goes straight to the handset. */
export const backchannel = (context: OperatorContext): Ciba => ({
  enabled: true,
  deliveryModes: ['poll'],
  processLoginHint: async (ctx, hint) => {
    const clientId = clientIdOf(ctx)
    const subscriber = await subscriberOfHint(context, hint ?? '', clientId)
    return subscriber && pcrOf(context, subscriber.digits, clientId)
  },
  processLoginHintToken: async () => undefined,
  validateRequestContext: async () => undefined,
  validateBindingMessage: async (_ctx, message) => {
    if (message !== undefined && message.length > 100) { throw new context.library.errors.InvalidBindingMessage('binding_message is too long') }
  },
  verifyUserCode: async () => undefined,
  triggerAuthenticationDevice: async (ctx, request) => ringHandset(context, ctx, request),
})

async function ringHandset(
  context: OperatorContext,
  ctx: KoaContextWithOIDC,
  request: BackchannelAuthenticationRequest,
): Promise<void> {
  const params = shownParameters(context, request.params as Fields)
  const { provider } = ctx.oidc
  const { errors } = context.library
  const { accountId = '', clientId = '' } = request
  const subscriber = subscriberOfPcr(context, accountId, clientId)
  const level = subscriber && levelFor(context, params.acr_values ?? '2', subscriber)
  if (!subscriber || level === undefined) { return refuseRequest(provider, request, new errors.AccessDenied('User failed to authenticate')) }
  askHandset(context, {
    subscriber,
    level,
    clientId,
    params,
    patience: request.expiration * 1000,
    onAnswer: async (answer) => {
      if (answer === 'denied') { return refuseRequest(provider, request, new errors.AccessDenied('Subscriber denied the request')) }
      if (answer === 'expired') { return refuseRequest(provider, request, new errors.ExpiredToken('Subscriber consent waiting time expired')) }
      const { grantId, result } = await createGrant(context, provider, { subscriber, level, clientId, params })
      await provider.backchannelResult(request, grantId, { acr: result.acr, amr: result.amr, authTime: result.ts })
    },
  })
}

/** As long as the client asks for, and no longer than the operator waits (CIBA §7.1, `requested_expiry`). */
export const backchannelLife = ({ patience }: OperatorContext) => (ctx: KoaContextWithOIDC): number => {
  const longest = Math.ceil(patience / 1000)
  return Math.min(Number(requestParameters(ctx).requested_expiry ?? longest), longest)
}

const refuseRequest = async (
  provider: Provider,
  request: BackchannelAuthenticationRequest,
  error: InstanceType<OperatorContext['library']['errors']['OIDCProviderError']>,
) => {
  await provider.backchannelResult(request, error)
}
