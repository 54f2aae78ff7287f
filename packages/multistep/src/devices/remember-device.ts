import { MultistepError } from '../lib/errors.js'
import { isSameOrigin } from '../http/same-origin.js'
import { isWishOf, type Request } from '../http/request.js'
import type { RememberSettings } from '../settings/remember-options.js'
import { partitionOf } from '../stores/keys.js'
import type { Device } from '../stores/device-store.js'
import type { Proof } from '../factors/proof.js'
import { deviceId, newToken, presentedTokens, secretDigest, setTokens, type DeviceToken } from './device-cookie.js'
import { labelOf } from './device-label.js'
import { loginOf } from '../session/current-login.js'
import { binding, type DeviceHolder } from './device-binding.js'

/**
 * Remembers this browser, if the post that completed its login asks for it. A failure does not stand in the way of the
 * login: it is told to the process, and the person is asked again next time.
 */
export async function rememberIfAsked(holder: DeviceHolder, last: Proof, proofs: readonly Proof[]): Promise<void> {
  const { context: { settings: { remember, origins } }, req } = holder
  // The answer of another site's page comes by post too (OAuth 2 form_post), so that the field alone is not enough.
  if (!remember?.skips.has(last.factor) || last.via !== 'fresh') return
  if (!isWishOf(req, 'remember') || !isSameOrigin(req, origins)) return
  try {
    const remembered = proofs.filter(({ factor, via }) => via === 'fresh' && remember.skips.has(factor))
    await rememberDevice(holder, remember, remembered)
  } catch (error) {
    const reason = error instanceof MultistepError ? error.message : 'remember.fingerprint failed.'
    process.emitWarning(`multistep: a device could not be remembered: ${reason}`)
  }
}

async function rememberDevice(
  holder: DeviceHolder, remember: RememberSettings, proofs: readonly Proof[],
): Promise<void> {
  const { context: { store, events }, req, res, userId } = holder
  const before = presentedTokens(req)
  const [token, former] = [newToken(), before.map(deviceId)]
  const device = deviceOf(req, token, proofs)
  const partition = partitionOf('person', userId)
  const went = await store.rememberDevice(partition, {
    ...device,
    token: secretDigest(token.secret),
    ttl: remember.ttl,
    replaces: former,
    ...await binding(holder, remember),
  }, remember.max)
  // A person who was logged out everywhere meanwhile is remembered nowhere. No browser has this token yet.
  const login = loginOf(holder.context, req)
  if (!login || !(await store.readLogin(login.id)).login) {
    await store.forgetDevice(partition, device.id)
    return
  }
  setTokens(res, [token, ...before.filter((one) => !went.includes(deviceId(one)))], remember.ttl)
  const label = device.label === undefined ? {} : { label: device.label }
  events.emit('device.remembered', { userId, id: device.id, ...label })
  for (const id of went.filter((one) => !former.includes(one))) {
    events.emit('device.revoked', { userId, id, reason: 'max' })
  }
}

function deviceOf(req: Request, token: DeviceToken, proofs: readonly Proof[]): Device {
  const label = labelOf(req.headers['user-agent'])
  return {
    id: deviceId(token),
    factors: [...new Set(proofs.map(({ factor }) => factor))],
    ...(label === undefined ? {} : { label }),
  }
}
