import type { OperatorOptions } from './operator-options.js'

/** What the app knows about a user whose operator it looks for. Each member is a hint, and may be left out. */
export interface DiscoveryQuestion {
  /** Digits with the country code, without `+`. */
  readonly msisdn?: string | undefined
  /** The network that the user chose on the operator-selection page. It wins over all other hints. */
  readonly selected?: { readonly mcc: string, readonly mnc: string } | undefined
  /** The network of the user's device, if the app knows it. */
  readonly identified?: { readonly mcc: string, readonly mnc: string } | undefined
  /** The IP address of the user's device, as this server sees it. */
  readonly sourceIp?: string | undefined
  /** The user asked to choose again. */
  readonly manually?: boolean | undefined
  /** A new random text of `A-Za-z0-9_-` for each question. The operator-selection page must bring it back. */
  readonly correlationId?: string | undefined
}

/** What discovery found out. */
export type DiscoveryAnswer =
  | {
    readonly status: 'found'
    /** Has `id`, `issuer` and this app's credentials at the operator. The issuer is one of `Discovery.issuers`. */
    readonly operator: OperatorOptions & { readonly id: string, readonly issuer: string }
    /** The user's number, encrypted for this operator. It becomes `login_hint=ENCR_MSISDN:…`. */
    readonly subscriberId?: string | undefined
  }
  /** The user must choose on the operator-selection page, which returns to the redirect URL of discovery. */
  | { readonly status: 'select', readonly url: string }
  | { readonly status: 'unknown' }

/**
 * What came back from the operator-selection page. It comes by the user's browser, so it is only a hint.
 * `correlationId` is the one of the question. A return without it is refused.
 */
export type DiscoveryReturn = { readonly correlationId?: string | undefined } & (
  | { readonly status: 'selected', readonly mcc: string, readonly mnc: string }
  /** The user chose no operator. */
  | { readonly status: 'refused' }
  /** `cause` holds the words of the page, which only the log may show. */
  | { readonly status: 'failed', readonly cause: Error }
  /** It cannot be read. */
  | { readonly status: 'malformed' })

/** How discovery may ask. */
export interface DiscoveryCall {
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds that the whole call may take. */
  readonly timeout: number
}

/**
 * Finds the operator of a user. `find` rejects with `discovery_failed` when the service cannot be asked, and with
 * `issuer_not_allowed` when the service names an operator that is not on the list.
 */
export interface Discovery {
  /** All issuers that it may name, known at construction. */
  readonly issuers: readonly string[]
  /**
   * Every operator names itself in its callbacks (RFC 9207).
   * @default false
   */
  readonly issParameter?: boolean | undefined
  find(question: DiscoveryQuestion, call: DiscoveryCall): Promise<DiscoveryAnswer>
  /**
   * Reads a return from the operator-selection page. `undefined` for any other query, such as an operator's callback.
   */
  returned(query: URLSearchParams): DiscoveryReturn | undefined
}
