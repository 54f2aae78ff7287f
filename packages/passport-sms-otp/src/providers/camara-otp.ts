import { checkOneOf, checkOptionNames, requireText } from '#internal/option-checks'
import {
  accessToken, callApi, camaraClientOptionNames, operatorError, readCamaraClient, type CamaraClient,
  type CamaraClientOptions,
} from '../camara/camara-client.js'
import { redactor } from '../senders/redact.js'
import { exchange } from './http-outcome.js'
import { refusedByProvider, verdictOf } from './outcomes.js'
import type { CodeGuess, CodeProvider, CodeStart, CodeStarted, CodeVerdict } from './provider.js'

/**
 * The operator, or the aggregator, that sends the codes, and how its codes look.
 * @example
 * const options: CamaraOtpOptions = {
 *   apiRoot: 'https://api.operator.example',
 *   tokenUrl: 'https://api.operator.example/oauth2/token',
 *   clientId: 'acme',
 *   clientKey: process.env.CAMARA_KEY,
 * }
 */
export interface CamaraOtpOptions extends CamaraClientOptions {
  /**
   * How long the operator's codes are, from 4 to 10. Fewer than six digits are less than NIST asks for.
   * @default 6
   */
  readonly codeLength?: number | undefined
  /**
   * What they consist of; `'any'`: letters and digits.
   * @default 'digits'
   */
  readonly alphabet?: 'digits' | 'any' | undefined
  /**
   * The version in the path.
   * @default 'v1'
   */
  readonly apiVersion?: string | undefined
}

/**
 * One-Time-Password SMS 1.1.1 of CAMARA: the operator makes the code, puts it into our text, and checks it. The text is
 * at most 160 characters, details included. Each call has an access token of its own, which is never kept. A newer code
 * to the same number ends the one before.
 * @throws TypeError for options that are missing or misspelt.
 * @example
 * camaraOtp({
 *   apiRoot: 'https://api.operator.example', tokenUrl: 'https://api.operator.example/oauth2/token',
 *   clientId: 'acme', clientKey: process.env.CAMARA_KEY,
 * })
 */
export function camaraOtp(options: CamaraOtpOptions): CodeProvider {
  checkOptionNames('camaraOtp', options, [...camaraClientOptionNames, 'codeLength', 'alphabet', 'apiVersion'])
  const { codeLength = 6, alphabet = 'digits', apiVersion = 'v1', name = 'camara' } = options
  checkOneOf('alphabet', alphabet, ['digits', 'any'])
  if (!Number.isInteger(codeLength) || codeLength < 4 || codeLength > 10) throw new TypeError('codeLength is a whole number from 4 to 10.')
  const client = readCamaraClient('camaraOtp', options)
  const base = `/one-time-password-sms/${requireText('apiVersion', apiVersion)}`
  return {
    name: requireText('name', name),
    code: { length: codeLength, alphabet },
    details: 'all',
    message: { longest: 160 },
    start: async (start, { signal }) => sendCode(client, { base, signal }, start),
    check: async (guess, { signal }) => validateCode(client, { base, signal }, guess),
  }
}

interface Call {
  readonly base: string
  readonly signal: AbortSignal
}

const scope = 'one-time-password-sms:send-validate'

async function sendCode(
  client: CamaraClient,
  { base, signal }: Call,
  { to, message }: CodeStart,
): Promise<CodeStarted> {
  try {
    return await exchange(async () => {
      const token = await accessToken(client, { scope, signal })
      const body = { phoneNumber: to, message }
      const answer = await callApi(client, { path: `${base}/send-code`, body, token, signal })
      const { authenticationId: id, code } = answer.members
      if (answer.status === 200 && typeof id === 'string') return { id }
      throw operatorError(answer.status, shortened(code))
    }, redactor({ to, body: message, code: '' }))
  } catch (error) {
    throw refusedByProvider(error, (code) => kinds[code] ?? 'undeliverable')
  }
}

/** `ONE_TIME_PASSWORD_SMS.INVALID_OTP` is longer than a code in an event may be. */
const shortened = (code: unknown): unknown =>
  (typeof code === 'string' ? code.replace(/^ONE_TIME_PASSWORD_SMS\./, '') : code)

/** Errors of send-code (OTPValidation r3.2, one-time-password-sms.yaml). All others are about us. */
const kinds: Readonly<Partial<Record<string, 'throttled' | 'blocked'>>> = {
  MAX_OTP_CODES_EXCEEDED: 'throttled', QUOTA_EXCEEDED: 'throttled', TOO_MANY_REQUESTS: 'throttled', http_429: 'throttled',
  PHONE_NUMBER_NOT_ALLOWED: 'blocked', PHONE_NUMBER_BLOCKED: 'blocked', NOT_FOUND: 'blocked', http_404: 'blocked',
}

async function validateCode(
  client: CamaraClient,
  { base, signal }: Call,
  { id, to, code }: CodeGuess,
): Promise<CodeVerdict> {
  try {
    return await exchange<CodeVerdict>(async () => {
      const token = await accessToken(client, { scope, signal }).catch(withoutToken)
      const body = { authenticationId: id, code }
      const { status, members } = await callApi(client, { path: `${base}/validate-code`, body, token, signal })
      if (status === 204) return 'right'
      throw operatorError(status, shortened(members.code))
    }, redactor({ to, body: '', code }, [id]))
  } catch (error) {
    return verdictOf(error, verdicts)
  }
}

/** Whatever the authorization server said, nobody has looked at the code. */
function withoutToken(error: unknown): never {
  const { status } = Object(error) as { status?: unknown }
  throw typeof status === 'number' ? operatorError(401, 'UNAUTHENTICATED') : error
}

/** Errors of validate-code (the same document). What is about us is not looked at. */
const verdicts: Readonly<Partial<Record<string, CodeVerdict>>> = {
  INVALID_OTP: 'wrong', VERIFICATION_EXPIRED: 'expired', NOT_FOUND: 'expired', http_404: 'expired', VERIFICATION_FAILED: 'exhausted',
  UNAUTHENTICATED: 'unchecked', PERMISSION_DENIED: 'unchecked',
  QUOTA_EXCEEDED: 'unchecked', TOO_MANY_REQUESTS: 'unchecked', http_401: 'unchecked', http_403: 'unchecked', http_429: 'unchecked',
}
