import type { Context } from '../settings/context.js'
import { MultistepError } from '../lib/errors.js'
import type { Request, Response } from '../http/request.js'
import type { RememberSettings } from '../settings/remember-options.js'
import type { NewDevice } from '../stores/device-store.js'
import { digest } from './device-cookie.js'
import { within } from '#internal/deadline'

/** A request, and the person whom its browser may be remembered for. */
export interface DeviceHolder {
  readonly context: Context
  readonly req: Request
  readonly res: Response
  readonly person: Express.User
  readonly userId: string
}

/** What a device is bound to, as digests: this policy, and the security state of this person. */
export async function binding(
  holder: DeviceHolder, remember: RememberSettings,
): Promise<Pick<NewDevice, 'purpose' | 'fingerprint'>> {
  const { context: { settings }, userId } = holder
  const late = () => new Error(`remember.fingerprint gave no answer within ${settings.stepTimeout} ms.`)
  const state: unknown = await within(settings.stepTimeout, securityStateOf(holder, remember), late)
  if (typeof state !== 'string' || state === '') {
    throw new MultistepError('misconfigured', 'multistep: remember.fingerprint must return text that is not empty, '
      + 'made of what must stay the same for a device to count: (user) => user.passwordHash + user.phone.')
  }
  return { purpose: digest('second factor', settings.policy), fingerprint: digest('fingerprint', userId, state) }
}

/**
 * The fingerprint is always of the person as `deserializeUser` finds them: the person that a strategy hands over may
 * have other fields, and would have another fingerprint.
 */
async function securityStateOf(
  { context: { passport }, req, person }: DeviceHolder, { fingerprint }: RememberSettings,
): Promise<unknown> {
  const account = await passport.deserialize(await passport.serialize(person, req), req)
  return account && fingerprint(account)
}
