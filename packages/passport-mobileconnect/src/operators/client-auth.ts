import { ClientSecretBasic, ClientSecretPost, PrivateKeyJwt, type ClientAuth as Authenticate } from 'openid-client'
import type { ClientAuth } from './operator-options.js'
import type { ImportedKey } from '#internal/signing-key'

export interface Credentials {
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly clientAuth: ClientAuth
  readonly clientKey: (() => Promise<ImportedKey>) | undefined
}

/** How this app authenticates to an operator. The options were checked at start-up. */
export async function clientAuthentication({
  clientId,
  clientSecret = '',
  clientAuth,
  clientKey,
}: Credentials): Promise<Authenticate> {
  switch (clientAuth) {
    case 'basic':
      return ClientSecretBasic(clientSecret)
    case 'post':
      return ClientSecretPost(clientSecret)
    case 'basic-raw':
      return rawBasic(clientId, clientSecret)
    case 'private_key_jwt': {
      if (!clientKey) throw new TypeError('private_key_jwt needs a clientKey.')
      return PrivateKeyJwt(await clientKey())
    }
  }
}

/**
 * Without the form-encoding of RFC 6749 §2.3.1, which turns the `-` of a UUID into `%2D`: Mobile Connect's operators
 * expect it so.
 */
const rawBasic = (clientId: string, clientSecret: string): Authenticate => {
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  return (_server, _client, _body, headers) => { headers.set('authorization', `Basic ${credentials}`) }
}
