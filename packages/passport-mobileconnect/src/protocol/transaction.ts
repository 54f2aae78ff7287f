import type { SealedTransactions } from '#internal/transactions/sealed-transactions'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { DiscoveryQuestion } from '../operators/discovery.js'
import type { AcrOptions, AcrPolicy } from './acr.js'
import type { RequestedDisplay } from './displayed-data.js'

/** What the answer to a login must fulfil. It is kept when the login begins (RFC 9700 §2.1, §4.4.2). */
export interface ExpectedAnswer {
  readonly acr: AcrPolicy
  /** Seconds. */
  readonly maxAge?: number | undefined
  /** A digest of the user's id and number. The login must not end for another user. */
  readonly subject?: string | undefined
  /** The values of `hashed_login_hint` that mean this user. */
  readonly hints?: readonly string[] | undefined
  /** The app knows the user's number. Then any other `hashed_login_hint` is another user's. */
  readonly number?: boolean | undefined
  /** What the phone must have shown. */
  readonly shown?: RequestedDisplay | undefined
  /** A digest of the details that the login confirms. */
  readonly details?: string | undefined
  readonly correlationId?: string | undefined
}

/** The operator, and this app's client there. */
export interface AtOperator {
  readonly operator: string
  readonly issuer: string
  readonly clientId: string
  /** The options of an operator that discovery found, because the strategy's options lack them. */
  readonly discovered?: OperatorOptions | undefined
}

/** The user is at the operator, and will come back with a code. */
export interface RedirectTransaction extends ExpectedAnswer, AtOperator {
  readonly kind: 'redirect'
  readonly redirectUri: string
  readonly nonce: string
  readonly codeVerifier: string
  /** The operator was asked to show nothing (`prompt=none`). */
  readonly silent?: boolean | undefined
}

/** The operator rings the user's phone, and the app asks for the outcome (OpenID CIBA). */
export interface BackchannelTransaction extends ExpectedAnswer, AtOperator {
  readonly kind: 'backchannel'
  readonly authReqId: string
  /** Milliseconds between two requests for the outcome. */
  readonly interval: number
}

/** The user chooses their operator on the operator-selection page. */
export interface SelectionTransaction {
  readonly kind: 'selection'
  readonly subject?: string | undefined
  /** The options of the route that began the login. */
  readonly route: AcrOptions & {
    readonly details?: Readonly<Record<string, string>> | undefined
    readonly maxAge?: string | undefined
    readonly prompt?: string | undefined
  }
  readonly question: DiscoveryQuestion
}

export type Transaction = RedirectTransaction | BackchannelTransaction | SelectionTransaction

/** The transactions of one strategy. */
export type Transactions = SealedTransactions<Transaction>
