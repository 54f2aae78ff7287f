import type { Configuration } from 'openid-client'
import { MobileConnectError } from '../errors.js'
import { RefreshedValue } from '#internal/refreshed-value'
import { checkEndpoints, type OperatorSettings } from './read-operator.js'
import type { OperatorMetadata } from './operator-options.js'
import { sharedFetch } from './shared-fetch.js'
import { bareError } from '#internal/upstream-error'
import { boundedFetch, type Fetch } from '#internal/bounded-fetch'

export interface OperatorCalls {
  readonly fetch: Fetch
  /** Milliseconds that each call may take. */
  readonly timeout: number
  readonly now: () => number
}

/** What a request to an operator needs: the operator's metadata, and this app as its client. */
export interface Connection {
  readonly metadata: OperatorMetadata
  readonly configuration: Configuration
}

/** One operator. Its metadata is fetched at the first login, and kept. */
export class Operator {
  readonly settings: OperatorSettings
  private readonly fetch: Fetch
  private readonly connection: RefreshedValue<Connection>
  private readonly now: () => number
  private jwksUri: string | undefined

  constructor(settings: OperatorSettings, { fetch, timeout, now }: OperatorCalls) {
    this.settings = settings
    this.now = now
    this.fetch = sharedFetch(boundedFetch(fetch, timeout), (url) => url === this.jwksUri, now)
    this.connection = new RefreshedValue(() => this.connect(), now, isOutage)
  }

  /** @throws MobileConnectError `operator_unavailable`, `operator_misconfigured` or `issuer_not_allowed`. */
  async connected(): Promise<Connection> {
    return this.connection.get()
  }

  private async connect(): Promise<Connection> {
    const { settings } = this
    const published = settings.metadata instanceof URL ? await this.fetchMetadata(settings.metadata) : settings.metadata
    const metadata = settings.issParameter
      ? { ...published, authorization_response_iss_parameter_supported: true }
      : published
    this.jwksUri = new URL(String(metadata.jwks_uri)).href
    // The library of OpenID Connect is read here, at the first login, and not when the app imports this package.
    const { configurationOf } = await import('./configuration.js')
    return { metadata, configuration: await configurationOf(settings, metadata, this.fetch, this.now()) }
  }

  private async fetchMetadata(url: URL): Promise<OperatorMetadata> {
    const unreadable = `The metadata of ${this.settings.issuer} cannot be read`
    const response = await this.fetch(url.href, { headers: { accept: 'application/json' } }).catch((error: unknown) => {
      throw new MobileConnectError('operator_unavailable', `${unreadable}.`, { cause: bareError(error) })
    })
    if (response.status !== 200) {
      throw new MobileConnectError(
        'operator_unavailable',
        `${unreadable}: it answers with status ${response.status}.`,
      )
    }
    const metadata = await response.json().catch(() => undefined) as OperatorMetadata | null | undefined
    if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
      throw new MobileConnectError('operator_unavailable', `The document at ${url.href} is no metadata of an operator.`)
    }
    return this.checkMetadata(metadata)
  }

  private checkMetadata(metadata: OperatorMetadata): OperatorMetadata {
    const { issuer } = this.settings
    // An operator that could name another issuer could log in as anybody there (OpenID Connect Discovery 1.0 §4.3).
    if (metadata.issuer !== issuer) {
      throw new MobileConnectError('issuer_not_allowed', `The metadata of ${issuer} names another issuer.`)
    }
    try {
      return checkEndpoints(`The metadata of ${issuer}`, metadata)
    } catch (error) {
      throw new MobileConnectError('operator_misconfigured', (error as Error).message)
    }
  }
}

/** The operator could not be asked. After any other error it has answered. */
const isOutage = (error: unknown): boolean =>
  error instanceof MobileConnectError && error.code === 'operator_unavailable'
