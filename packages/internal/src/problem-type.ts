/** Where the documentation is published: the `homepage` of package.json. `node scripts/home.mjs` writes both. */
const HOME = 'https://express-second-factors.example'

/** Every code that has an entry in docs/errors.md. */
const codes = [
  'acr_insufficient', 'authorization_pending', 'begin_throttled', 'bind_invalid', 'body_unreadable',
  'challenge_unknown', 'channel_invalid', 'code_expired', 'code_malformed', 'code_missing', 'code_used', 'code_wrong',
  'cross_site',
  'details_invalid', 'details_unproven', 'disabled', 'discovery_failed', 'factor_failed', 'factor_locked',
  'factor_not_enrolled', 'factor_required', 'factor_unavailable', 'factor_unexpected', 'factor_withdrawn',
  'flow_conflict', 'flow_expired', 'interaction_required', 'issuer_not_allowed', 'locked', 'login_elsewhere',
  'login_hint_missing', 'login_inside_step', 'login_required', 'method_not_allowed', 'misconfigured',
  'operator_misconfigured', 'operator_refused', 'operator_unavailable', 'operator_unknown', 'passkey_missing',
  'passkey_wrong', 'person_mismatch', 'person_unconfirmed', 'phone_invalid', 'phone_missing', 'phone_rejected',
  'plan_changed', 'plan_empty', 'provider_answer_invalid', 'provider_failed', 'provider_misconfigured',
  'provider_unavailable', 'requirement_ambiguous', 'send_refused', 'send_throttled', 'step_up_required',
  'store_unavailable', 'token_invalid',
  'too_many_attempts', 'transaction_unknown', 'unavailable', 'undeliverable', 'user_refused', 'user_timeout',
  'user_unknown',
]

const types: ReadonlyMap<string, string> = new Map(codes.map((code) => [code, `${HOME}/docs/errors#${code}`]))

/**
 * The `type` of a problem (RFC 9457 §3.1.1): the entry of its code in the documentation, an absolute address that stays
 * as it is. A code of a strategy from elsewhere has none, so its type is `about:blank`, which says no more than the
 * status (§4.2.1).
 */
export const problemTypeOf = (code: string): string => types.get(code) ?? 'about:blank'
