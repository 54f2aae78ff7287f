/** What a provider may use. The strategy gives it when it is made. */
export interface ProviderTools {
  /** Ends within the strategy's `timeout`, reads at most a megabyte, and follows no redirect. */
  readonly fetch: typeof globalThis.fetch
  /** Epoch milliseconds. */
  readonly now: () => number
}

/**
 * Makes a provider, once for each strategy. `camara({ … })` gives such a function.
 * @example
 * ```ts
 * const acme: CreateProvider = ({ fetch }) => ({ id: 'https://acme.example', network: { begin, end } })
 * new Strategy({ provider: acme, callbackURL })
 * ```
 */
export type CreateProvider = (tools: ProviderTools) => Provider

/** An operator or an aggregator that knows which number the SIM of a device has. */
export interface Provider {
  /** Names it in transactions, so that none ends at another provider. An issuer, or another address that stays. */
  readonly id: string
  /**
   * The modes that it can do.
   * @default both
   */
  readonly modes?: readonly Mode[] | undefined
  /** Asks over the phone's own mobile connection: the browser leaves for an address of the provider and comes back. */
  readonly network?: NetworkWay | undefined
  /** Asks by a token that the phone's wallet hands to a page of this app, which works over Wi-Fi, too. */
  readonly operatorToken?: OperatorTokenWay | undefined
  /** Asks by what this app's own software on the phone brings: the token of an SDK, or what an address has told it. */
  readonly app?: AppWay | undefined
}

/** How a provider is asked. */
export type Way = 'operator-token' | 'network' | 'app'

/**
 * `verify`: whether the device has this number. The number of the device itself is not told.
 * `read`: which number the device has.
 */
export type Mode = 'verify' | 'read'

/** What is asked in one login. */
export interface Question {
  readonly mode: Mode
  /** In E.164 with `+`. It is there in mode `verify`. */
  readonly phone?: string | undefined
  /** Why the number is asked for, by the W3C's Data Privacy Vocabulary: `FraudPreventionAndDetection`. */
  readonly purpose: string
  /** A new random id of this login. Operators find its calls by it (`x-correlator`). */
  readonly correlator: string
  /** Aborted when the time of this login is over. What costs money must not be asked after that. */
  readonly signal: AbortSignal
}

/** How a provider asks over the phone's own mobile connection. */
export interface NetworkWay {
  /**
   * Returns where the browser goes.
   * @param leaving `state` must come back to `redirectUri` as the parameter `state`. It has 43 letters, digits, `-`
   * and `_`.
   */
  begin(question: Question, leaving: Leaving): Promise<Left | Unavailable>
  /**
   * Reads what came back, and asks the provider exactly once.
   * The strategy has checked `state` and that the session is the same. Whatever else binds the answer to this login is
   * for the provider to check: nobody but the browser vouches for `parameters`.
   */
  end(question: Question, returned: Returned): Promise<ProviderAnswer>
}

/** What must come back with the browser, and where it comes back to. */
export interface Leaving {
  readonly state: string
  readonly redirectUri: string
}

/** Where the browser goes, and what is kept until it is back. */
export interface Left {
  readonly status: 'leave'
  readonly url: string
  /** JSON that `end` gets back. It is sealed, and the browser never sees it. */
  readonly keep?: unknown
}

/** What came back with the browser, and what was kept. */
export interface Returned extends Leaving {
  /** The parameters of the callback, as the browser brought them. */
  readonly parameters: URLSearchParams
  readonly keep: unknown
}

/**
 * The page asks the phone's wallet (Digital Credentials API, OpenID4VP 1.0), and the wallet asks the user. What it
 * answers is opaque to this app, but for the nonce in it.
 */
export interface OperatorTokenWay {
  /** Returns what the page asks the wallet for. */
  begin(question: Question, asking: AskingWallet): Promise<WalletRequest | Unavailable>
  /**
   * Exchanges what the wallet presented, and asks the provider exactly once.
   * The strategy has checked the session, and that `token` was made for `nonce`. The provider checks its signatures.
   */
  end(question: Question, presented: Presented): Promise<ProviderAnswer>
}

/** What a question to the wallet is bound to. */
export interface AskingWallet {
  /** Of this login alone. It has 43 letters, digits, `-` and `_`. */
  readonly nonce: string
  /** The language of the user's browser, in BCP 47. */
  readonly lang: string
}

/** What the browser asks the wallet for, and what is kept until it has answered. */
export interface WalletRequest {
  readonly status: 'ask'
  /** The credential as DCQL describes it (OpenID4VP 1.0 §6.1). The browser sees it. */
  readonly credential: object
  /** JSON that `end` gets back. It is sealed, and the browser never sees it. */
  readonly keep?: unknown
}

/** What the wallet presented, and what was kept. */
export interface Presented {
  readonly nonce: string
  /** An SD-JWT with key binding (RFC 9901). It is secret, and must be stored nowhere. */
  readonly token: string
  readonly keep: unknown
}

/** This app's own software on the phone gets a proof, and posts it. Nothing is asked of the user. */
export interface AppWay {
  /** Returns what the phone has to do. */
  begin(question: Question): Promise<AppTask | Unavailable>
  /**
   * Reads the proof, and asks the provider at most once.
   * The strategy has checked the session. Nobody but the phone vouches for `proof`.
   */
  end(question: Question, proven: Proven): Promise<ProviderAnswer>
}

/** What the app on the phone has to do, and what is kept until it has done it. */
export interface AppTask {
  readonly status: 'prove'
  /** An address that the phone opens over its mobile data. Left out where an SDK needs none. */
  readonly url?: string | undefined
  /** JSON that `end` gets back. It is sealed, and the phone never sees it. */
  readonly keep?: unknown
}

/** What the app on the phone brought, and what was kept. */
export interface Proven {
  /** At most 16 KB of ASCII without spaces. It is secret, and must be stored nowhere. */
  readonly proof: string
  readonly keep: unknown
  /**
   * Whether a proof of this name was not used before, in any login of this store. For a proof that is not bound to one
   * login. Names are kept as digests, for a day.
   */
  readonly once: (name: string) => Promise<boolean>
}

/** What a provider says. For a fault it throws a `NumberVerificationError`; any other error is `provider_failed`. */
export type ProviderAnswer =
  /** Mode `verify`: the device has the number. */
  | { readonly status: 'matches' }
  /** Mode `verify`: the device has another number. */
  | { readonly status: 'differs' }
  /** Mode `read`: the number in E.164 with `+`. */
  | { readonly status: 'read', readonly phone: string }
  /** What the browser brought does not belong to this login. */
  | { readonly status: 'not ours', readonly cause?: Error | undefined }
  | Unavailable

/** Nothing was learned, and nobody did anything wrong: another factor is to be used. */
export interface Unavailable {
  readonly status: 'unavailable'
  readonly reason: UnavailableReason
  /** The provider's own words. Only the log may show them. */
  readonly cause?: Error | undefined
}

/** Why nothing was learned. `unavailableReasons` has them all. */
export type UnavailableReason = typeof unavailableReasons[number]

/** Each reason for which nothing was learned and nobody did anything wrong. */
export const unavailableReasons = [
  /** The request did not come over a mobile network that the provider can see, for example over Wi-Fi. */
  'not-on-mobile-network',
  /** The browser has no wallet that it may ask, or the wallet or the user gave nothing. */
  'no-wallet',
  /** The app's software on the phone brought no proof. */
  'no-proof',
  /** The SIM's operator does not take part. */
  'carrier-not-supported',
  /** The subscriber has not consented at the operator. */
  'consent-missing',
  /** The operator wants to show something, and a silent login shows nothing. */
  'interaction-required',
  /** The operator refused, or the subscriber has opted out. */
  'refused',
  /** The provider was too slow. */
  'timeout',
  /** The provider cannot be reached, or says that it cannot answer now. */
  'provider-unavailable',
  /** The account has no number that can be asked about. */
  'no-number',
  /** It was tried often enough (`beginLimits`). */
  'budget-spent',
] as const
