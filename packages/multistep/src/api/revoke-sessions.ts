import { tellRevoked } from '../devices/manage-devices.js'
import { partitionOf } from '../stores/keys.js'
import type { Context } from '../settings/context.js'

/** Logs a person out everywhere. All completed and pending logins end, and browsers are no longer remembered. */
export async function revokeSessions(
  context: Pick<Context, 'settings' | 'events' | 'store'>, userId: string,
): Promise<void> {
  const { absolute, ttl } = context.settings
  const devices = await context.store.endAll(partitionOf('person', userId), Math.max(absolute, ttl))
  tellRevoked(context, userId, devices, 'everywhere')
}
