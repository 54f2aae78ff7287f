import { type Context } from '../settings/context.js'
import { MultistepError } from '../lib/errors.js'
import { cookieToken, isSameOrigin } from '../http/same-origin.js'
import { isWishOf, type Request, type Response } from '../http/request.js'
import { isOfUse } from '../policy/next-step.js'
import type { Factor } from '../factors/factor.js'
import type { RememberSettings } from '../settings/remember-options.js'
import { partitionOf } from '../stores/keys.js'
import type { Device, KeptDevice, NewDevice } from '../stores/device-store.js'
import { provenFactors, type Proof } from '../factors/proof.js'
import { deviceId, digest, newSecret, newToken, presentedTokens, seal, secretDigest, setTokens, type DeviceToken } from './device-cookie.js'
import { labelOf } from './device-label.js'
import { within } from '#internal/deadline'
import { loginOf } from '../session/current-login.js'
import type { NextOfLogin } from '../state/position.js'
import { demand } from '../policy/login-policy.js'

/** Somebody whom a browser may be remembered for. */
export interface Somebody {
  readonly context: Context
  readonly req: Request
  readonly res: Response
  readonly person: Express.User
  readonly userId: string
}

/** What a login has proven, and what is asked for next. */
interface LoginSoFar {
  readonly proofs: readonly Proof[]
  readonly next: NextOfLogin
}

/**
 * What this browser, remembered, proves beside a first factor that was just proven freshly: those factors it was remembered with that cover
 * a step which is still open. Its token is spent, and the browser gets the next one. Never fresh: it says that the person was here.
 */
export async function recalled(somebody: Somebody, standing: LoginSoFar): Promise<LoginSoFar> {
  const { context, req, person } = somebody
  const { remember, factors } = context.settings
  const skipped = remember ? factors.names.filter((name) => remember.skips.has(name)).map((name) => factors.get(name)) : []
  const device = remember && skipped.some((factor) => helps(context, factor, standing)) ? await used(somebody, remember) : undefined
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

const kindOf = ({ kind, channel }: Factor): Pick<Proof, 'kind' | 'channel'> => ({ ...(kind ? { kind } : {}), ...(channel === undefined ? {} : { channel }) })

/** Dated with the login in which it was proven. Without methods: nothing was proven now that RFC 8176 has a name for. */
const rememberedProof = ({ createdAt }: KeptDevice, factor: Factor): Proof => ({ factor: factor.name, ...kindOf(factor), amr: [], at: createdAt, via: 'remembered' })

async function used(somebody: Somebody, remember: RememberSettings): Promise<KeptDevice | undefined> {
  const { context: { events }, req, res, userId } = somebody
  const tokens = presentedTokens(req)
  if (tokens.length === 0) return undefined
  const answer = await presented(somebody, remember, tokens)
  if (answer.status === 'unknown') return undefined
  const id = answer.status === 'ok' ? answer.device.id : answer.id
  const own = tokens.filter((token) => deviceId(token) === id)
  const others = tokens.filter((token) => deviceId(token) !== id)
  if (answer.status === 'ok') {
    setTokens(res, [...own.slice(0, 1).map(({ family }) => ({ family, secret: answer.secret })), ...others], remember.ttl)
    if (answer.again === undefined) events.emit('device.used', { userId, id })
    return answer.device
  }
  setTokens(res, others, remember.ttl)
  events.emit('device.revoked', { userId, id, reason: answer.status })
  return undefined
}

/**
 * Presents what the browser holds. The browser is known by its own random cookie beside these very tokens: the same both times, and what no
 * copied device token brings along. A second presentation of its own gets the secret that the first one got.
 */
async function presented(somebody: Somebody, remember: RememberSettings, tokens: readonly DeviceToken[]) {
  const { context: { store }, req, userId } = somebody
  const own = cookieToken(req)
  const holding = own === undefined ? undefined : [own, ...tokens.map(({ secret }) => secret)]
  const next = newSecret()
  const answer = await store.useDevice(partitionOf('person', userId), {
    tokens: tokens.map((token) => ({ id: deviceId(token), token: secretDigest(token.secret) })),
    next: secretDigest(next),
    ...holding ? { browser: digest('browser', ...holding), sealed: seal(next, holding) } : {},
    ...await binding(somebody, remember),
  })
  if (answer.status !== 'ok') return answer
  return { ...answer, secret: answer.again !== undefined && holding ? seal(answer.again, holding) : next }
}

/** What a device is bound to, as digests: this policy, and the security state of this person. */
async function binding(somebody: Somebody, remember: RememberSettings): Promise<Pick<NewDevice, 'purpose' | 'fingerprint'>> {
  const { context: { settings }, userId } = somebody
  const late = () => new Error(`remember.fingerprint gave no answer within ${settings.stepTimeout} ms.`)
  const state: unknown = await within(settings.stepTimeout, securityStateOf(somebody, remember), late)
  if (typeof state !== 'string' || state === '') throw new MultistepError('misconfigured', 'multistep: remember.fingerprint must return text that is not empty, made of what must stay the same for a device to count: (user) => user.passwordHash + user.phone.')
  return { purpose: digest('second factor', settings.policy), fingerprint: digest('fingerprint', userId, state) }
}

/** Of the person as `deserializeUser` finds them, always: what a strategy hands over may have other fields, and would be another fingerprint. */
async function securityStateOf({ context: { passport }, req, person }: Somebody, { fingerprint }: RememberSettings): Promise<unknown> {
  const account = await passport.deserialize(await passport.serialize(person, req), req)
  return account && fingerprint(account)
}

/**
 * Remembers this browser, if the post that completed its login asks for it. Beside the login, and not in its way: what goes wrong is told to
 * the process, and the person is asked again next time.
 */
export async function rememberIfAsked(somebody: Somebody, last: Proof, proofs: readonly Proof[]): Promise<void> {
  const { context: { settings: { remember, origins } }, req } = somebody
  // The answer of another site's page comes by post too (OAuth 2 form_post), so that the field alone is not enough.
  if (!remember?.skips.has(last.factor) || last.via !== 'fresh' || !isWishOf(req, 'remember') || !isSameOrigin(req, origins)) return
  try {
    await rememberDevice(somebody, remember, proofs.filter(({ factor, via }) => via === 'fresh' && remember.skips.has(factor)))
  } catch (error) {
    process.emitWarning(`multistep: a device could not be remembered: ${error instanceof MultistepError ? error.message : 'remember.fingerprint failed.'}`)
  }
}

async function rememberDevice(somebody: Somebody, remember: RememberSettings, proofs: readonly Proof[]): Promise<void> {
  const { context: { store, events }, req, res, userId } = somebody
  const before = presentedTokens(req)
  const [token, former] = [newToken(), before.map(deviceId)]
  const device = deviceOf(req, token, proofs)
  const partition = partitionOf('person', userId)
  const went = await store.rememberDevice(partition, {
    ...device, token: secretDigest(token.secret), ttl: remember.ttl, replaces: former, ...await binding(somebody, remember),
  }, remember.max)
  // Whoever was logged out everywhere meanwhile is remembered nowhere. No browser has this token yet.
  const login = loginOf(somebody.context, req)
  if (!login || !(await store.readLogin(login.id)).login) {
    await store.forgetDevice(partition, device.id)
    return
  }
  setTokens(res, [token, ...before.filter((one) => !went.includes(deviceId(one)))], remember.ttl)
  events.emit('device.remembered', { userId, id: device.id, ...(device.label === undefined ? {} : { label: device.label }) })
  for (const id of went.filter((one) => !former.includes(one))) events.emit('device.revoked', { userId, id, reason: 'max' })
}

function deviceOf(req: Request, token: DeviceToken, proofs: readonly Proof[]): Device {
  const label = labelOf(req.headers['user-agent'])
  return { id: deviceId(token), factors: [...new Set(proofs.map(({ factor }) => factor))], ...(label === undefined ? {} : { label }) }
}
