import { decodeJwt } from 'jose'
import { causeOf } from '#internal/openid-error'
import type { ImportedKey } from '#internal/signing-key'
import { bareError } from '#internal/upstream-error'
import { NumberVerificationError } from '../../errors.js'
import { isOutage, outageOf, unavailable } from '../outage.js'
import type { AskingWallet, Mode, Question, Unavailable, WalletRequest } from '../provider.js'
import { signedAssertion } from './assertion.js'
import { apiScopeOf } from './authorization.js'
import type { AtOperator } from './connection.js'

const FORMAT = 'dc-authorization+sd-jwt'

/** The type of credential that a wallet gives for each mode. */
const credentialTypes: Readonly<Record<Mode, string>> = {
  verify: 'number-verification/verify/ts43',
  read: 'number-verification/device-phone-number/ts43',
}

type Members = Readonly<Record<string, unknown>>

/**
 * Asks the aggregator what the page may ask the wallet for ("Operator Token Acquisition" 0.1, step 1). How a client
 * proves itself there is left to the aggregator: it is a token that the client has signed for this address.
 */
export async function requestCredential(
  { settings, tools }: AtOperator,
  key: ImportedKey,
  question: Question,
  asking: AskingWallet,
): Promise<WalletRequest | Unavailable> {
  const { clientId, wallet: { endpoint, carrierIds, phoneNumberHint } } = settings
  const proof = await signedAssertion(key, { clientId, audience: endpoint, subject: clientId }, tools.now())
  const { correlator, signal, phone, mode } = question
  const body = { scope: apiScopeOf(question, settings), ...asking, ...carrierIds && { carrier_ids: carrierIds } }
  let response: Response
  try {
    response = await tools.fetch(endpoint, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${proof}`, accept: 'application/json', 'content-type': 'application/json',
        'x-correlator': correlator,
      },
      body: JSON.stringify(body),
      signal,
    })
  } catch (error) {
    if (isOutage(error)) return outageOf(error)
    throw new NumberVerificationError('provider_failed', 'The aggregator could not be asked.', { cause: bareError(error) })
  }
  const answer: unknown = await response.json().catch(() => undefined)
  const members = (typeof answer === 'object' && answer !== null ? answer : {}) as Members
  if (response.status !== 200 || members.error !== undefined) return refusalOf(response.status, members)
  const credential = credentialIn(members, mode, asking)
  const isHinted = phoneNumberHint && phone !== undefined
  const hint = isHinted ? { claims: [{ path: ['phone_number_hint'], values: [phone] }] } : {}
  return { status: 'ask', credential: { ...credential, ...hint } }
}

/** Nothing but these members reaches the page. A request for another login would give a token that opens that one. */
function credentialIn({ id, format, meta }: Members, mode: Mode, { nonce }: AskingWallet): object {
  const { vct_values: types, credential_authorization_jwt: authorization } = Object(meta) as Members
  const isOfType = Array.isArray(types) && types.length === 1 && types[0] === credentialTypes[mode]
  if (typeof id !== 'string' || !/^[\w-]{1,100}$/.test(id) || format !== FORMAT || !isOfType) {
    throw invalid('The aggregator\'s answer is no credential of the kind that was asked for.')
  }
  if (typeof authorization !== 'string' || ![undefined, nonce].includes(nonceIn(authorization))) {
    throw invalid('The aggregator\'s answer is for another nonce.')
  }
  return { id, format, meta: { vct_values: types, credential_authorization_jwt: authorization } }
}

/** The nonce that the aggregator has signed, where it signs one. The wallet checks the signature. */
function nonceIn(authorization: string): string | undefined {
  try {
    return decodeJwt<{ nonce?: string }>(authorization).nonce
  } catch {
    throw invalid('The aggregator\'s authorization is no JWT.')
  }
}

const invalid = (message: string) => new NumberVerificationError('provider_answer_invalid', message)

function refusalOf(status: number, { error, error_description: description }: Members): Unavailable {
  const named = typeof error === 'string' && /^\w{1,100}$/.test(error) ? error : `status ${status}`
  const cause = causeOf({ error_description: description, name: 'Error' }, named)
  if (named === 'carrier_not_supported') return unavailable('carrier-not-supported', cause)
  if (status >= 500 || status === 429 || named === 'temporarily_unavailable') {
    return unavailable('provider-unavailable', cause)
  }
  throw new NumberVerificationError(
    'provider_misconfigured',
    `The aggregator refuses this app's request (${named}): the options of the app, or its contract, differ.`,
    { cause },
  )
}
