import type { OperatorOptions } from './operator-options.js'

/** What is known about a person whose operator is looked for. Everything is a hint, and may be left out. */
export interface DiscoveryQuestion {
  /** Digits with the country code, without `+`. */
  readonly msisdn?: string | undefined
  /** What the person chose on the operator-selection page; wins over every other hint. */
  readonly selected?: { readonly mcc: string, readonly mnc: string } | undefined
  /** The network the device is on, where the app knows it. */
  readonly identified?: { readonly mcc: string, readonly mnc: string } | undefined
  /** The device's address as this server sees it. */
  readonly sourceIp?: string | undefined
  /** The person asked to choose again. */
  readonly manually?: boolean | undefined
  /** What `select` must bring back as the `correlationId` of its return: a random text of `A-Za-z0-9_-`, another one each time. */
  readonly correlationId?: string | undefined
}

export type DiscoveryAnswer =
  | {
    readonly status: 'found'
    /** `id` and `issuer` are always set; the issuer is one of `Discovery.issuers`. The credentials are that operator's. */
    readonly operator: OperatorOptions & { readonly id: string, readonly issuer: string }
    /** The number, encrypted for this operator: becomes `login_hint=ENCR_MSISDN:…`. */
    readonly subscriberId?: string | undefined
  }
  /** The person chooses on the operator-selection page, which comes back to the discovery's own redirect URL. */
  | { readonly status: 'select', readonly url: string }
  | { readonly status: 'unknown' }

/**
 * What came back from the operator-selection page, from the person's browser: hints, and no more. `correlationId` is that of the question: a
 * return without it belongs to nobody.
 */
export type DiscoveryReturn = { readonly correlationId?: string | undefined } & (
  | { readonly status: 'selected', readonly mcc: string, readonly mnc: string }
  /** The person would choose none. */
  | { readonly status: 'refused' }
  /** `cause` holds the words of the page, for the log alone. */
  | { readonly status: 'failed', readonly cause: Error }
  /** It can not be read. */
  | { readonly status: 'malformed' })

export interface DiscoveryCall {
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds that all of it may take. */
  readonly timeout: number
}

/**
 * Finds the operator of a person. Rejects with `discovery_failed` when it can not be asked, and with `issuer_not_allowed` when it names
 * an operator that is not on the list.
 */
export interface Discovery {
  /** Every issuer it may ever name, known at construction. */
  readonly issuers: readonly string[]
  /** Every one of them names itself in its callbacks (RFC 9207). Default: `false`. */
  readonly issParameter?: boolean | undefined
  find(question: DiscoveryQuestion, call: DiscoveryCall): Promise<DiscoveryAnswer>
  /** Reads a return from the operator-selection page; `undefined` where the query is none, such as an operator's callback (`code`, `state`). */
  returned(query: URLSearchParams): DiscoveryReturn | undefined
}
