import type { Expiring } from '#internal/documents/documents'
import type { NewTombstone } from '../tombstone-store.js'

export interface KeptTombstone extends Expiring {
  readonly to: string
}

export const tombstoneLeft = ({ to, ttl }: Pick<NewTombstone, 'to' | 'ttl'>, now: number): KeptTombstone =>
  ({ to, expiresAt: Math.ceil(now + ttl) })
