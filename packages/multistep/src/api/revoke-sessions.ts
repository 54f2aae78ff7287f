import { tellRevoked } from '../devices/manage-devices.js'
import { partitionOf } from '../stores/keys.js'
import type { Context } from '../settings/context.js'

/** Logs out everywhere: every login of a person that there is now, those that are pending, and what browsers remember. */
export async function revokeSessions(context: Pick<Context, 'settings' | 'events' | 'store'>, userId: string): Promise<void> {
  const { absolute, ttl } = context.settings
  tellRevoked(context, userId, await context.store.endAll(partitionOf('person', userId), Math.max(absolute, ttl)), 'everywhere')
}
