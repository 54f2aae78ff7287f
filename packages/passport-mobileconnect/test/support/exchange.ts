import { inspect } from 'node:util'
import { gsmaDiscovery, type Discovery, type DiscoveryAnswer, type DiscoveryQuestion, type GsmaDiscoveryOptions, type MobileConnectError } from '../../src/index.js'
import { reply, startInternet, type Internet, type Reply } from './internet.js'

export const DISCOVERY = 'https://discovery.example/v2/discovery'
export const ISSUER = 'https://operator.example'
export const METADATA = `${ISSUER}/.well-known/openid-configuration`
export const CALLBACK = 'https://acme.example/login/mobileconnect/callback'
export const ADA = '447400123456'
export const BOB = '447400654321'

export const metadata = (issuer = ISSUER, parts: Record<string, unknown> = {}) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  userinfo_endpoint: `${issuer}/userinfo`,
  ...parts,
})

/** An answer of GSMA discovery v2 about one operator. */
export const found = (links: Record<string, string> = { issuer: ISSUER }, parts: Record<string, unknown> = {}) => ({
  ttl: 3600,
  ...parts,
  response: {
    client_id: 'our-id',
    client_secret: 'our-secret',
    serving_operator: 'Example Operator',
    country: 'GB',
    currency: 'GBP',
    apis: { operatorid: { link: Object.entries(links).map(([rel, href]) => ({ rel, href })) } },
    ...parts.response as object | undefined,
  },
})

export interface Kit {
  readonly internet: Internet
  readonly discovery: Discovery
  find(question?: DiscoveryQuestion, timeout?: number): Promise<DiscoveryAnswer>
  /** What it rejects with. */
  failure(question?: DiscoveryQuestion, timeout?: number): Promise<MobileConnectError>
  /** How the discovery service answers from now on. */
  answer(how: Reply): void
  /** Milliseconds go by. */
  pass(time: number): void
  close(): Promise<void>
}

/** A discovery service that has found the operator, and the operator with its metadata. */
export async function startExchange(options: Partial<GsmaDiscoveryOptions> = {}): Promise<Kit> {
  const internet = await startInternet()
  let time = Date.parse('2026-01-01')
  const discovery = gsmaDiscovery({ url: DISCOVERY, clientId: 'discovery-id', clientSecret: 'discovery-key', redirectURL: CALLBACK, issuers: [ISSUER], now: () => time, ...options })
  internet.answer(DISCOVERY, reply(200, found()))
  internet.answer(METADATA, reply(200, metadata()))
  const find: Kit['find'] = (question = { msisdn: ADA }, timeout = 5000) => discovery.find(question, { fetch: internet.fetch, timeout })
  return {
    internet,
    discovery,
    find,
    failure: (question, timeout) => find(question, timeout).then(
      (answer) => { throw new Error(`It did not reject: ${inspect(answer)}`) },
      (error: unknown) => error as MobileConnectError,
    ),
    answer: (how) => internet.answer(DISCOVERY, how),
    pass: (milliseconds) => { time += milliseconds },
    close: () => internet.close(),
  }
}

/** All that a value says to a log, however deep. */
export const told = (value: unknown): string => inspect(value, { depth: 12, showHidden: true })
