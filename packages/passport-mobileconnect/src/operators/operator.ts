import { Configuration, allowInsecureRequests, clockSkew, customFetch, enableNonRepudiationChecks, type ServerMetadata } from 'openid-client'
import { MobileConnectError } from '../errors.js'
import { clientAuthentication } from './client-auth.js'
import { RefreshedValue } from './refreshed-value.js'
import { checkEndpoints, type OperatorSettings } from './read-operator.js'
import type { OperatorMetadata } from './operator-options.js'
import { sharedFetch } from './shared-fetch.js'
import { bareError } from './upstream-error.js'
import { boundedFetch, type Fetch } from './bounded-fetch.js'

export interface OperatorCalls {
  readonly fetch: Fetch
  /** Milliseconds that each call may take. */
  readonly timeout: number
  readonly now: () => number
}

/** An operator as it can be asked: what it says of itself, and this app as its client. */
export interface Connection {
  readonly metadata: OperatorMetadata
  readonly configuration: Configuration
}

/** One operator. What it publishes of itself is fetched when somebody first logs in, and kept. */
export class Operator {
  readonly settings: OperatorSettings
  private readonly fetch: Fetch
  private readonly connection: RefreshedValue<Connection>
  private readonly now: () => number
  private keysAt: string | undefined

  constructor(settings: OperatorSettings, { fetch, timeout, now }: OperatorCalls) {
    this.settings = settings
    this.now = now
    this.fetch = sharedFetch(boundedFetch(fetch, timeout), (url) => url === this.keysAt, now)
    this.connection = new RefreshedValue(() => this.connect(), now)
  }

  /** @throws MobileConnectError `operator_unavailable`, `operator_misconfigured` or `issuer_not_allowed`. */
  async connected(): Promise<Connection> {
    return this.connection.get()
  }

  private async connect(): Promise<Connection> {
    const { settings } = this
    const metadata = settings.metadata instanceof URL ? await this.fetchMetadata(settings.metadata) : settings.metadata
    const server = settings.issParameter ? { ...metadata, authorization_response_iss_parameter_supported: true } : metadata
    this.keysAt = new URL(String(metadata.jwks_uri)).href
    // Of a clock that runs ahead the library need not know: `checkClaims` goes by it.
    const client = { [clockSkew]: Math.min(0, Math.round((this.now() - Date.now()) / 1000)) }
    const configuration = new Configuration(server as ServerMetadata, settings.clientId, client, await clientAuthentication(settings))
    configuration[customFetch] = (url, init) => this.fetch(url, init as RequestInit)
    // Each call has its end in `boundedFetch`.
    configuration.timeout = undefined
    // `allowedUrl` lets no other http: through than loopback's, while developing.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated only to stand out
    if (settings.issuer.startsWith('http:')) allowInsecureRequests(configuration)
    // The signature is checked although the ID token comes over TLS: whoever stands in for the operator must have its keys, too.
    enableNonRepudiationChecks(configuration)
    return { metadata: server, configuration }
  }

  private async fetchMetadata(url: URL): Promise<OperatorMetadata> {
    const response = await this.fetch(url.href, { headers: { accept: 'application/json' } }).catch((error: unknown) => {
      throw new MobileConnectError('operator_unavailable', `The metadata of ${this.settings.issuer} can not be read.`, { cause: bareError(error) })
    })
    if (response.status !== 200) throw new MobileConnectError('operator_unavailable', `The metadata of ${this.settings.issuer} can not be read: it answers with status ${response.status}.`)
    const metadata = await response.json().catch(() => undefined) as OperatorMetadata | null | undefined
    if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
      throw new MobileConnectError('operator_unavailable', `What stands at ${url.href} is no metadata of an operator.`)
    }
    return this.checkMetadata(metadata)
  }

  private checkMetadata(metadata: OperatorMetadata): OperatorMetadata {
    const { issuer } = this.settings
    // Exactly: whoever may answer for another issuer could log in as anybody there (OpenID Connect Discovery §4.3).
    if (metadata.issuer !== issuer) throw new MobileConnectError('issuer_not_allowed', `The metadata of ${issuer} names another issuer.`)
    try {
      return checkEndpoints(`The metadata of ${issuer}`, metadata)
    } catch (error) {
      throw new MobileConnectError('operator_misconfigured', (error as Error).message)
    }
  }
}
