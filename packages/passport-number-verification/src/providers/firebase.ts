import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload } from 'jose'
import { allowedUrl } from '#internal/allowed-url'
import { checkOptionNames } from '#internal/option-checks'
import { bareError } from '#internal/upstream-error'
import { NumberVerificationError } from '../errors.js'
import { isOutage, outageOf, unavailable } from './outage.js'
import type { CreateProvider, Mode, ProviderAnswer, Question, Unavailable } from './provider.js'

/** Phone numbers that an Android app proves by Firebase's SDK. */
export interface FirebaseOptions {
  /** The number of the Firebase project, as its settings show it. The project's id is another one. */
  readonly projectNumber: string
  /**
   * Where the keys are published that sign the tokens.
   * @default Google's address
   */
  readonly keys?: string | undefined
}

/**
 * Firebase Phone Number Verification. The app's SDK gets a signed token, and posts it as `app_proof`. Nothing is asked
 * of anybody for it, but for the keys, which are kept.
 * A token is not made for one login, so it counts once.
 * @throws TypeError at start-up, for options that would only fail at a login
 * @example
 * ```ts
 * new Strategy({ provider: firebasePhoneNumber({ projectNumber: '123456789' }), callbackURL })
 * ```
 */
export function firebasePhoneNumber(options: FirebaseOptions): CreateProvider {
  checkOptionNames('firebasePhoneNumber', options, ['projectNumber', 'keys'])
  const { projectNumber, keys = 'https://fpnv.googleapis.com/v1beta/jwks' } = options
  if (typeof projectNumber !== 'string' || !/^\d{1,30}$/.test(projectNumber)) {
    throw new TypeError('projectNumber is the number of the Firebase project as a text, such as \'123456789\'.')
  }
  const address = allowedUrl('keys', keys)
  const issuer = `https://fpnv.googleapis.com/projects/${projectNumber}`
  return ({ fetch, now }) => {
    const keySet = createRemoteJWKSet(address, { [customFetch]: fetch })
    return {
      id: issuer,
      app: {
        begin: async () => ({ status: 'prove' }),
        async end(question, { proof, once }): Promise<ProviderAnswer> {
          const claims = await claimsOf(proof, keySet, { issuer, currentDate: new Date(now()) })
          if ('status' in claims) return claims as Unavailable | { status: 'not ours' }
          // Without the signature: a signature of ES256 can be written in two ways.
          if (!await once(proof.slice(0, proof.lastIndexOf('.')))) return { status: 'not ours' }
          return answerFor(question, claims)
        },
      },
    }
  }
}

/** Codes of jose where the answer for the keys was no key set, or had another status than 200. */
const unreadable: readonly string[] = ['ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID']

/** The project's number is in the issuer and, with its id, in the audience. */
async function claimsOf(
  token: string,
  keys: ReturnType<typeof createRemoteJWKSet>,
  { issuer, currentDate }: { readonly issuer: string, readonly currentDate: Date },
): Promise<JWTPayload | Unavailable | { readonly status: 'not ours', readonly cause: Error }> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['ES256'], typ: 'JWT', issuer, audience: issuer, currentDate, requiredClaims: ['sub', 'exp', 'iat'],
    })
    return payload
  } catch (error) {
    const cause = bareError(error)
    if (!(error instanceof errors.JOSEError)) {
      if (isOutage(error)) return outageOf(error)
      throw error
    }
    if (error instanceof errors.JWKSTimeout) return unavailable('timeout', cause)
    if (!unreadable.includes(error.code)) return { status: 'not ours', cause }
    throw new NumberVerificationError('provider_answer_invalid', 'Firebase\'s keys cannot be read.', { cause })
  }
}

function answerFor({ mode, phone }: Question, { sub }: JWTPayload): ProviderAnswer {
  if (sub === undefined || !/^\+[1-9][0-9]{4,14}$/.test(sub)) {
    throw new NumberVerificationError('provider_answer_invalid', 'The subject of Firebase\'s token is not in E.164.')
  }
  const answers: Readonly<Record<Mode, ProviderAnswer>> = {
    read: { status: 'read', phone: sub },
    verify: { status: sub === phone ? 'matches' : 'differs' },
  }
  return answers[mode]
}
