import type Provider from 'oidc-provider'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { inSeconds } from '../clock.js'
import { errorPage } from '../pages/operator.js'
import { memoryAdapter } from './adapter.js'
import { clientIdOf } from './oidc-request.js'
import { backchannel, backchannelLife } from './backchannel.js'
import { clientMetadata, isLoopback } from './clients.js'
import type { OperatorContext } from './context.js'
import { takeDefect } from './take-defect.js'
import { subscriberOfPcr } from './hints.js'
import { metadataOf } from './metadata.js'
import { checkAuthorization } from './strictness.js'
import { overrideAnswers } from './override-answers.js'

export const routes = {
  authorization: '/authorize', token: '/token', userinfo: '/userinfo', jwks: '/jwks', revocation: '/revoke',
  pushed_authorization_request: '/par', backchannel_authentication: '/backchannel',
}

const scopes = [
  'openid',
  'offline_access',
  'phone',
  'profile',
  'mc_authn',
  'mc_authz',
  'mc_identity_phonenumber',
  'mc_phonenumber',
]
const phoneClaims = ['phone_number', 'phone_number_verified']

/** One operator's OpenID provider. */
export function openIdProvider(context: OperatorContext): Provider {
  const { library: { default: OpenIdProvider }, issuer } = context
  const provider = new OpenIdProvider(issuer, providerConfiguration(context))
  acceptLoopback(context, provider)
  provider.use(overrideAnswers(context))
  return provider
}

function providerConfiguration(context: OperatorContext): Configuration {
  const { operator, clock, clients, state } = context
  return {
    adapter: memoryAdapter(clock, clients.map(clientMetadata)),
    routes,
    scopes,
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time', 'updated_at'],
      phone: phoneClaims,
      mc_identity_phonenumber: phoneClaims,
      mc_phonenumber: phoneClaims,
      profile: [],
    },
    acrValues: operator.levels.map(String),
    responseTypes: ['code'],
    findAccount: (ctx, pcr) => accountOf(context, pcr, clientIdOf(ctx)),
    pkce: { required: () => true },
    extraParams: extraParams(context),
    interactions: { policy: policyOf(context), url: (_ctx, { uid }) => `${context.issuer}/interaction/${uid}` },
    // No single sign-on: an operator asks on the phone each time.
    loadExistingGrant: (ctx) => ctx.oidc.provider.Grant.find(ctx.oidc.result?.consent?.grantId ?? ''),
    expiresWithSession: () => false,
    clientBasedCORS: () => false,
    cookies: {
      keys: [`${operator.id}-cookies-of-the-simulator`],
      names: {
        session: `${operator.id}_session`,
        interaction: `${operator.id}_interaction`,
        resume: `${operator.id}_resume`,
      },
    },
    // For oidc-provider's own drafts: what leaves the house is signed again, in tokens.ts.
    jwks: { keys: [state.signingKey.privateJwk] },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      claimsParameter: { enabled: true },
      requestObjects: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      ciba: backchannel(context),
    },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    discovery: metadataOf(context),
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      IdToken: 3600,
      Interaction: 3600,
      Session: 3600,
      Grant: 3600,
      RefreshToken: 86_400,
      BackchannelAuthenticationRequest: backchannelLife(context),
    },
    renderError: (ctx, out) => {
      ctx.type = 'html'
      ctx.body = errorPage({ operator, error: out.error, description: out.error_description })
    },
  }
}

/**
 * An account is its PCR, pairwise from the start: oidc-provider's `pairwise` would fetch a sector document from each
 * client that may use CIBA.
 */
function accountOf(context: OperatorContext, pcr: string, clientId: string) {
  const subscriber = subscriberOfPcr(context, pcr, clientId)
  if (!subscriber) return undefined
  const claims = {
    sub: pcr,
    phone_number: `+${subscriber.digits}`,
    phone_number_verified: true,
    updated_at: inSeconds(context.clock.now()),
  }
  return {
    accountId: pcr,
    claims: async (use: string) =>
      use === 'userinfo' && takeDefect(context, ['phone-unverified']) ? { ...claims, phone_number_verified: false } : claims,
  }
}

/** One check sees all parameters, when request objects and pushed ones are unfolded. */
const extraParams = (context: OperatorContext) => ({
  version: (ctx: KoaContextWithOIDC) => checkAuthorization(context, ctx),
  client_name: null, context: null, binding_message: null, correlation_id: null, dtbs: null, login_hint_token: null,
})

function policyOf({ library: { interactionPolicy: { Check, Prompt } } }: OperatorContext) {
  const handset = new Check(
    'handset',
    'the subscriber has to answer on the handset',
    (ctx) => ctx.oidc.result?.login === undefined,
  )
  const others = ['consent', 'select_account', 'no_seam'].map((name) => new Prompt({ name, requestable: true }))
  return [new Prompt({ name: 'login', requestable: true }, handset), ...others]
}

/** Clients that name no redirect URI may use any on loopback (RFC 8252 §7.3 frees the port alone). */
function acceptLoopback({ clients }: OperatorContext, provider: Provider): void {
  const free = new Set(clients.filter(({ redirectUris }) => redirectUris === undefined).map(({ clientId }) => clientId))
  const { prototype } = provider.Client as unknown as {
    prototype: { redirectUriAllowed: (this: { clientId: string }, uri: string) => boolean }
  }
  const registered = prototype.redirectUriAllowed
  prototype.redirectUriAllowed = function (uri) {
    return free.has(this.clientId) ? isLoopback(uri) : registered.call(this, uri)
  }
}
