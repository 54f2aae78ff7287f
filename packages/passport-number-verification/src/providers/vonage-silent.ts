import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { allowedUrl } from '#internal/allowed-url'
import { checkOptionNames, requireText } from '#internal/option-checks'
import { signingKey, type ImportedKey, type SigningKey } from '#internal/signing-key'
import { bareError } from '#internal/upstream-error'
import { NumberVerificationError } from '../errors.js'
import { isOutage, outageOf, unavailable } from './outage.js'
import type { AppTask, CreateProvider, ProviderAnswer, ProviderTools, Question, Unavailable } from './provider.js'

/** Vonage Verify v2 with its channel `silent_auth`. */
export interface VonageSilentOptions {
  /** The id of the application at Vonage. */
  readonly applicationId: string
  /** The private key of the application. */
  readonly clientKey: SigningKey
  /** Who verifies, as Vonage names it: at most 16 letters. */
  readonly brand: string
  /** @default 'https://api.nexmo.com' */
  readonly apiRoot?: string | undefined
}

interface Settings {
  readonly applicationId: string
  readonly key: () => Promise<ImportedKey>
  readonly brand: string
  readonly api: string
}

type Members = Readonly<Record<string, unknown>>

interface Answer {
  readonly status: number
  readonly members: Members
}

/**
 * Silent authentication of Vonage Verify v2, as its guide "Synchronous Implementation" has it. The phone opens an
 * address over its mobile data, and gets a code there, which the app posts as `app_proof`.
 * @throws TypeError at start-up, for options that would only fail at a login
 * @example
 * ```ts
 * new Strategy({ provider: vonageSilent({ applicationId, clientKey: { key: pem }, brand: 'Acme' }), callbackURL })
 * ```
 */
export function vonageSilent(options: VonageSilentOptions): CreateProvider {
  checkOptionNames('vonageSilent', options, ['applicationId', 'clientKey', 'brand', 'apiRoot'])
  const brand = requireText('brand', options.brand)
  if (brand.length > 16) throw new TypeError('brand has at most 16 letters.')
  const root = allowedUrl('apiRoot', options.apiRoot ?? 'https://api.nexmo.com')
  const settings: Settings = {
    applicationId: requireText('applicationId', options.applicationId),
    key: signingKey('clientKey', options.clientKey),
    brand,
    api: `${root.href.replace(/\/$/, '')}/v2/verify`,
  }
  return (tools) => ({
    id: settings.api,
    modes: ['verify'],
    app: {
      begin: (question) => begin(settings, tools, question),
      end: (question, { proof, keep }) => end(settings, tools, question, { proof, request: String(keep) }),
    },
  })
}

async function begin(settings: Settings, tools: ProviderTools, question: Question): Promise<AppTask | Unavailable> {
  const { brand, api } = settings
  const workflow = [{ channel: 'silent_auth', to: question.phone?.slice(1) }]
  const answer = await post(settings, tools, question, { url: api, body: { brand, workflow } })
  if (!('members' in answer)) return answer
  const { status, members: { request_id: request, check_url: url } } = answer
  // Without `check_url` the network is none that can be asked, and so says 412.
  if (status === 412 || (status === 202 && url === undefined)) return unavailable('carrier-not-supported')
  // Another verification of this number is under way.
  if (status === 409) return unavailable('provider-unavailable')
  if (status !== 202) throw refused(status)
  if (typeof request === 'string' && typeof url === 'string' && URL.canParse(url)) {
    return { status: 'prove', url, keep: request }
  }
  throw new NumberVerificationError('provider_answer_invalid', 'Vonage\'s verification has no address to open.')
}

async function end(
  settings: Settings,
  tools: ProviderTools,
  question: Question,
  { proof, request }: { readonly proof: string, readonly request: string },
): Promise<ProviderAnswer> {
  const url = `${settings.api}/${encodeURIComponent(request)}`
  const answer = await post(settings, tools, question, { url, body: { code: proof } })
  if (!('members' in answer)) return answer
  const { status, members } = answer
  if (status === 200 && members.status === 'completed') return { status: 'matches' }
  if (status === 200) throw new NumberVerificationError('provider_answer_invalid', 'Vonage\'s answer has no status.')
  // The code was given to no phone with this SIM: it is guessed, and so it counts.
  if (status === 400 || status === 410) return { status: 'differs' }
  if (status === 404 || status === 409) return { status: 'not ours' }
  throw refused(status)
}

interface Post {
  readonly url: string
  readonly body: object
}

async function post(
  { applicationId, key }: Settings,
  { fetch, now }: ProviderTools,
  { signal }: Question,
  { url, body }: Post,
): Promise<Answer | Unavailable> {
  const authorization = `Bearer ${await tokenOf(applicationId, await key(), now())}`
  let response: Response
  try {
    response = await fetch(url, {
      method: 'POST', signal, body: JSON.stringify(body), headers: { authorization, 'content-type': 'application/json' },
    })
  } catch (error) {
    if (isOutage(error)) return outageOf(error)
    throw new NumberVerificationError('provider_failed', 'Vonage could not be asked.', { cause: bareError(error) })
  }
  const { status } = response
  if (status >= 500 || status === 429) return unavailable('provider-unavailable', new Error(`Vonage answered ${status}`))
  return { status, members: Object(await response.json().catch(() => undefined)) as Members }
}

/** A token of the application for one request. */
function tokenOf(applicationId: string, { key, alg }: ImportedKey, now: number): Promise<string> {
  const at = Math.floor(now / 1000)
  return new SignJWT({ application_id: applicationId })
    .setProtectedHeader({ alg, typ: 'JWT' }).setIssuedAt(at).setExpirationTime(at + 60).setJti(randomUUID()).sign(key)
}

const refused = (status: number) => new NumberVerificationError(
  'provider_misconfigured',
  `Vonage refuses this app's request (${status}): the options of the app, or its application, differ.`,
)
