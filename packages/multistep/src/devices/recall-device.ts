import type { Context } from '../settings/context.js'
import { cookieToken } from '../http/same-origin.js'
import { isOfUse } from '../policy/next-step.js'
import type { Factor } from '../factors/factor.js'
import type { RememberSettings } from '../settings/remember-options.js'
import { partitionOf } from '../stores/keys.js'
import type { KeptDevice } from '../stores/device-store.js'
import { provenFactors, type Proof } from '../factors/proof.js'
import {
  deviceId, digest, newSecret, presentedTokens, seal, secretDigest, setTokens, type DeviceToken,
} from './device-cookie.js'
import type { NextOfLogin } from '../state/position.js'
import { demand } from '../policy/login-policy.js'
import { binding, type DeviceHolder } from './device-binding.js'

/** What a login has proven, and what is asked for next. */
interface LoginSoFar {
  readonly proofs: readonly Proof[]
  readonly next: NextOfLogin
}

/**
 * What this browser, remembered, proves beside a first factor that was just proven freshly: those factors it was
 * remembered with that cover a step which is still open. Its token is spent, and the browser gets the next one.
 * Such a proof is never fresh: it says that the person was here.
 */
export async function recalled(holder: DeviceHolder, standing: LoginSoFar): Promise<LoginSoFar> {
  const { context, req, person } = holder
  const { remember, factors } = context.settings
  const skipped = remember
    ? factors.names.filter((name) => remember.skips.has(name)).map((name) => factors.get(name))
    : []
  const helpsNow = skipped.some((factor) => helps(context, factor, standing))
  const device = remember && helpsNow ? await used(holder, remember) : undefined
  if (!device) return standing
  let { proofs, next } = standing
  for (const factor of skipped.filter(({ name }) => device.factors.includes(name))) {
    if (!helps(context, factor, { proofs, next }) || !(await factor.enrolled(person))) continue
    proofs = [...proofs, rememberedProof(device, factor)]
    next = await demand(context.settings, req, person, proofs)
  }
  return { proofs, next }
}

/** Whether this factor is asked for next, or would cover a step further on. */
const helps = ({ settings }: Pick<Context, 'settings'>, factor: Factor, { proofs, next }: LoginSoFar): boolean =>
  isOfUse(next, factor, provenFactors(proofs, settings.factors))

const kindOf = ({ kind, channel }: Factor): Pick<Proof, 'kind' | 'channel'> => ({
  ...(kind ? { kind } : {}),
  ...(channel === undefined ? {} : { channel }),
})

/**
 * The proof is dated with the login in which the factor was proven. It has no methods: nothing was proven now that
 * RFC 8176 has a name for.
 */
const rememberedProof = ({ createdAt }: KeptDevice, factor: Factor): Proof => ({
  factor: factor.name, ...kindOf(factor), amr: [], at: createdAt, via: 'remembered',
})

async function used(holder: DeviceHolder, remember: RememberSettings): Promise<KeptDevice | undefined> {
  const { context: { events }, req, res, userId } = holder
  const tokens = presentedTokens(req)
  if (tokens.length === 0) return undefined
  const answer = await presented(holder, remember, tokens)
  if (answer.status === 'unknown') return undefined
  const id = answer.status === 'ok' ? answer.device.id : answer.id
  const own = tokens.filter((token) => deviceId(token) === id)
  const others = tokens.filter((token) => deviceId(token) !== id)
  if (answer.status === 'ok') {
    const { secret } = answer
    setTokens(res, [...own.slice(0, 1).map(({ family }) => ({ family, secret })), ...others], remember.ttl)
    if (answer.again === undefined) events.emit('device.used', { userId, id })
    return answer.device
  }
  setTokens(res, others, remember.ttl)
  events.emit('device.revoked', { userId, id, reason: answer.status })
  return undefined
}

/**
 * Presents what the browser holds. The browser is known by its own random cookie beside these very tokens: that cookie
 * is the same both times, and no copied device token brings it along. When the browser presents them a second time, it
 * gets the secret that it got the first time.
 */
async function presented(holder: DeviceHolder, remember: RememberSettings, tokens: readonly DeviceToken[]) {
  const { context: { store }, req, userId } = holder
  const own = cookieToken(req)
  const holding = own === undefined ? undefined : [own, ...tokens.map(({ secret }) => secret)]
  const next = newSecret()
  const answer = await store.useDevice(partitionOf('person', userId), {
    tokens: tokens.map((token) => ({ id: deviceId(token), token: secretDigest(token.secret) })),
    next: secretDigest(next),
    ...holding ? { browser: digest('browser', ...holding), sealed: seal(next, holding) } : {},
    ...await binding(holder, remember),
  })
  if (answer.status !== 'ok') return answer
  return { ...answer, secret: answer.again !== undefined && holding ? seal(answer.again, holding) : next }
}
