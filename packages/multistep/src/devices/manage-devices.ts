import type { Context } from '../settings/context.js'
import type { MultistepEvents } from '../events.js'
import { partitionOf } from '../stores/keys.js'

/** A browser that a person had remembered. */
export interface RememberedDevice {
  /** No token: it only names the device. */
  readonly id: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly expiresAt: Date
  /** What it looks like, such as `Firefox, Linux`. */
  readonly label?: string
}

export type { UserId } from '../factors/person-id.js'

export async function listDevices({ store }: Pick<Context, 'store'>, userId: string): Promise<RememberedDevice[]> {
  const devices = await store.listDevices(partitionOf('person', userId))
  return devices.map(({ id, createdAt, lastUsedAt, expiresAt, label }) => ({
    id,
    createdAt: new Date(createdAt),
    lastUsedAt: new Date(lastUsedAt),
    expiresAt: new Date(expiresAt),
    ...(label === undefined ? {} : { label }),
  }))
}

/** `false`: there was none. */
export async function revokeDevice(
  context: Pick<Context, 'events' | 'store'>, userId: string, id: string,
): Promise<boolean> {
  const known = await context.store.forgetDevice(partitionOf('person', userId), id)
  if (known) tellRevoked(context, userId, [id], 'revoked')
  return known
}

export async function revokeDevices(
  context: Pick<Context, 'events' | 'store'>, userId: string, reason: 'revoked' | 'recovery' = 'revoked',
): Promise<void> {
  tellRevoked(context, userId, await context.store.forgetDevices(partitionOf('person', userId)), reason)
}

type RevokedReason = MultistepEvents['device.revoked']['reason']

export const tellRevoked = (
  { events }: Pick<Context, 'events'>, userId: string, ids: readonly string[], reason: RevokedReason,
): void => {
  for (const id of ids) events.emit('device.revoked', { userId, id, reason })
}
