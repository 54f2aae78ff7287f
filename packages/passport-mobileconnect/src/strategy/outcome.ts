import { statusOf, type MobileConnectCode } from '../errors.js'

/** The outcome of one request, on `req.mobileConnect`. After a refusal, Passport's callback gets it as `info`. */
export interface MobileConnectOutcome {
  /** The user is logged in. */
  readonly verified?: true
  /** The text that the ringing phone shows. The page shows it, too. */
  readonly bindingMessage?: string
  readonly expiresAt?: Date
  /** Why the login was refused, or what failed. */
  readonly code?: MobileConnectCode
  /** The same as a sentence for the user. */
  readonly message?: string
  /** Whole seconds after which another try makes sense. */
  readonly retryAfter?: number
  /** The user has not answered yet. Nothing was refused. */
  readonly pending?: true
}

export interface Failure extends MobileConnectOutcome {
  readonly code: MobileConnectCode
  readonly message: string
}

const failureSentences: Readonly<Record<MobileConnectCode, string>> = {
  operator_unknown: 'Your mobile operator was not found.',
  login_hint_missing: 'Enter your phone number.',
  details_invalid: 'A phone cannot show this as it is.',
  authorization_pending: 'Confirm the login on your phone.',
  user_refused: 'The login was not confirmed on the phone.',
  user_timeout: 'The login was not confirmed in time.',
  user_unknown: 'There is no account for this phone.',
  operator_refused: 'Your mobile operator did not accept this login.',
  interaction_required: 'Your mobile operator has to ask you first.',
  unavailable: 'Your mobile operator cannot confirm you without asking. Choose another way.',
  acr_insufficient: 'Your mobile operator cannot confirm you as strongly as is needed here.',
  person_mismatch: 'Another person\'s phone confirmed this.',
  person_unconfirmed: 'Your mobile operator does not confirm that this is the phone of your account.',
  details_unproven: 'It is not certain that your phone showed what you confirmed.',
  transaction_unknown: 'This login has expired or was used already. Begin again.',
  cross_site: 'This request came from a page of another site. Begin at this app\'s own page.',
  method_not_allowed: 'This page cannot be used in this way.',
  begin_throttled: 'Your phone has been asked often enough. Try again later.',
  operator_misconfigured: 'Login through your mobile operator is not set up correctly.',
  misconfigured: 'Login through your mobile operator is not set up correctly.',
  token_invalid: 'Your mobile operator\'s answer was not valid.',
  issuer_not_allowed: 'Your mobile operator is not accepted here.',
  operator_unavailable: 'Your mobile operator cannot be reached at the moment.',
  discovery_failed: 'Your mobile operator could not be looked up at the moment.',
  store_unavailable: 'Logins cannot be checked at the moment. Try again shortly.',
}

export const failure = (code: MobileConnectCode, more: Omit<MobileConnectOutcome, 'code'> = {}): Failure =>
  ({ code, message: failureSentences[code], ...more })

export const statusOfFailure = ({ code }: Failure): number => statusOf(code)
