import type { ClientMetadata } from 'oidc-provider'
import type { ClientAuth } from '../options.js'
import type { RegisteredClient } from './context.js'

export const isLoopback = (uri: string): boolean =>
  URL.canParse(uri) &&
  ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(uri).hostname) &&
  /^https?:$/.test(new URL(uri).protocol)

const methods: Readonly<Record<ClientAuth, 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'>> = {
  'basic-raw': 'client_secret_basic',
  basic: 'client_secret_basic',
  post: 'client_secret_post',
  private_key_jwt: 'private_key_jwt',
}

// Two, so that none is taken for the one that was meant when redirect_uri is left out.
const anyLoopback = ['http://127.0.0.1/', 'http://localhost/']

export const clientMetadata = ({
  clientId,
  clientSecret,
  clientAuth,
  redirectUris,
  name,
  jwks,
  signedRequestsOnly,
}: RegisteredClient): ClientMetadata => ({
  client_id: clientId,
  ...(clientAuth === 'private_key_jwt' ? {} : { client_secret: clientSecret }),
  token_endpoint_auth_method: methods[clientAuth],
  redirect_uris: [...(redirectUris ?? anyLoopback)],
  ...(name === undefined ? {} : { client_name: name }),
  ...(jwks ? { jwks: { keys: [...jwks.keys] } } : {}),
  ...(signedRequestsOnly === true ? { require_signed_request_object: true } : {}),
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token', 'urn:openid:params:grant-type:ciba'],
  backchannel_token_delivery_mode: 'poll',
})
