import { ClientSecretBasic, ClientSecretPost, PrivateKeyJwt, type ClientAuth as Authenticate } from 'openid-client'
import type { ClientAuth } from './operator-options.js'
import type { ImportedKey } from './signing-key.js'

export interface Credentials {
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly clientAuth: ClientAuth
  readonly clientKey: (() => Promise<ImportedKey>) | undefined
}

/** How a request to an operator says who asks. Which of these fits was checked at start-up. */
export async function clientAuthentication({ clientId, clientSecret = '', clientAuth, clientKey }: Credentials): Promise<Authenticate> {
  switch (clientAuth) {
    case 'basic': return ClientSecretBasic(clientSecret)
    case 'post': return ClientSecretPost(clientSecret)
    case 'basic-raw': return rawBasic(clientId, clientSecret)
    case 'private_key_jwt': {
      if (!clientKey) throw new TypeError('private_key_jwt needs a clientKey.')
      return PrivateKeyJwt(await clientKey())
    }
  }
}

/** As Mobile Connect's operators read it: without the form-encoding of RFC 6749 §2.3.1, which would turn a UUID's `-` into `%2D`. */
const rawBasic = (clientId: string, clientSecret: string): Authenticate => {
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  return (_as, _client, _body, headers) => { headers.set('authorization', `Basic ${credentials}`) }
}
