import { checkOptionNames, requireText } from '#internal/option-checks'
import { bareError } from '#internal/upstream-error'
import { NumberVerificationError } from '../errors.js'
import { isOutage, outageOf, unavailable } from './outage.js'
import type { AppTask, CreateProvider, ProviderAnswer, Unavailable } from './provider.js'

interface Verification {
  readonly sid: string
  readonly sna?: unknown
}

interface VerificationCheck {
  readonly status: string
  /** In the order of the attempts. */
  readonly snaAttemptsErrorCodes?: unknown
}

interface TwilioService {
  readonly verifications: {
    create(params: { to: string, channel: string, enableSnaClientToken: boolean }): Promise<Verification>
  }
  readonly verificationChecks: {
    create(params: { verificationSid: string, snaClientToken: string }): Promise<VerificationCheck>
  }
}

/** What this package uses of the client of the official SDK, `twilio(accountSid, authToken)`. */
export interface TwilioVerifyClient {
  readonly verify: { readonly v2: { services(sid: string): TwilioService } }
}

/** Twilio Verify with its channel `sna`. */
export interface TwilioSilentOptions {
  /** `twilio(accountSid, authToken)` of the official SDK. */
  readonly client: TwilioVerifyClient
  /** The id of the Verify service: `VA…`. */
  readonly serviceSid: string
}

/** What Twilio says where the SIM has another number than was asked about. */
const NUMBER_DIFFERS = 60500

/**
 * Silent Network Auth of Twilio Verify. The phone opens an address over its mobile data, and gets a token there, which
 * the app posts as `app_proof`. So an address that a thief has the owner's phone open is worth nothing to the thief.
 * @throws TypeError at start-up, for options that would only fail at a login
 * @example
 * ```ts
 * new Strategy({ provider: twilioSilent({ client: twilio(accountSid, authToken), serviceSid: 'VA…' }), callbackURL })
 * ```
 */
export function twilioSilent(options: TwilioSilentOptions): CreateProvider {
  checkOptionNames('twilioSilent', options, ['client', 'serviceSid'])
  const { client } = options
  const { verify } = Object(client) as { readonly verify?: { readonly v2?: { readonly services?: unknown } } }
  if (typeof verify?.v2?.services !== 'function') {
    throw new TypeError('client is what the Twilio SDK returns: twilio(accountSid, authToken).')
  }
  const serviceSid = requireText('serviceSid', options.serviceSid)
  const service = () => client.verify.v2.services(serviceSid)
  return () => ({
    id: `https://verify.twilio.com/v2/Services/${serviceSid}`,
    modes: ['verify'],
    app: {
      begin: ({ phone = '' }) => begin(service(), phone),
      end: (_, { proof, keep }) => end(service(), String(keep), proof),
    },
  })
}

async function begin({ verifications }: TwilioService, to: string): Promise<AppTask | Unavailable> {
  try {
    const { sid, sna } = await verifications.create({ to, channel: 'sna', enableSnaClientToken: true })
    const { url } = Object(sna) as { readonly url?: unknown }
    if (typeof url === 'string' && URL.canParse(url)) return { status: 'prove', url, keep: sid }
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal.status === 'unavailable') return refusal
  }
  throw new NumberVerificationError('provider_answer_invalid', 'Twilio\'s verification has no address to open.')
}

async function end(
  { verificationChecks }: TwilioService,
  verificationSid: string,
  snaClientToken: string,
): Promise<ProviderAnswer> {
  try {
    const check = await verificationChecks.create({ verificationSid, snaClientToken })
    const { status, snaAttemptsErrorCodes: codes } = check
    if (status === 'approved') return { status: 'matches' }
    const told = Array.isArray(codes) ? codes.map(Number) : []
    if (told.includes(NUMBER_DIFFERS)) return { status: 'differs' }
    const last = told.at(-1)
    return unavailable('not-on-mobile-network', new Error(`Twilio answered ${status} ${last ?? ''}`.trim()))
  } catch (error) {
    return refusalOf(error)
  }
}

/** An error of the SDK has the status and the code of Twilio's answer. */
function refusalOf(error: unknown): Unavailable | { readonly status: 'not ours', readonly cause: Error } {
  const { status, code } = Object(error) as { readonly status?: unknown, readonly code?: unknown }
  const [answered, named] = [Number(status ?? 0), Number(code ?? 0)]
  if (named >= 60500 && named < 60600) return unavailable('carrier-not-supported', bareError(error))
  if (answered >= 500 || answered === 429) return unavailable('provider-unavailable', bareError(error))
  if (answered === 0 && isOutage(error)) return outageOf(error)
  // The verification has expired, was approved before, or the token is none.
  if (answered === 404 || named === 60200) return { status: 'not ours', cause: bareError(error) }
  if (answered === 0) throw error
  throw new NumberVerificationError(
    'provider_misconfigured',
    `Twilio refuses this app's request (${answered}): the options of the app, or its account, differ.`,
    { cause: bareError(error) },
  )
}
