import type { Adapter, AdapterPayload, ClientMetadata } from 'oidc-provider'
import { BoundedMap } from '../bounded-map.js'
import type { Clock } from '../clock.js'

interface Record {
  readonly payload: AdapterPayload
  /** How far the simulator's clock was ahead when this was kept. */
  readonly ahead: number
}

/**
 * What an operator remembers, in memory. oidc-provider goes by the machine's clock: what is read is aged by as much as
 * the simulator's clock has run away from it since.
 */
export function memoryAdapter(clock: Clock, clients: readonly ClientMetadata[]): (model: string) => Adapter {
  const records = new BoundedMap<Record>()
  // Not in the configuration: oidc-provider would clone them, and under Jest a clone is an object of another realm,
  // which it refuses.
  const registered = new Map(clients.map((client) => [`Client:${client.client_id}`, client as AdapterPayload]))
  return (model) => {
    const key = (id: string) => `${model}:${id}`
    const find = async (id: string) => registered.get(key(id)) ?? aged(records.get(key(id)), clock)
    return {
      find,
      // Sessions and device codes: an operator has neither.
      findByUid: async () => undefined,
      findByUserCode: async () => undefined,
      upsert: async (id, payload) => void records.set(key(id), { payload, ahead: clock.ahead() }),
      consume: async (id) => {
        const record = records.get(key(id))
        if (record) record.payload.consumed = Math.floor(Date.now() / 1000)
      },
      destroy: async (id) => void records.delete(key(id)),
      revokeByGrantId: async (grantId) => {
        for (const [name, { payload }] of records) if (payload.grantId === grantId) records.delete(name)
      },
    }
  }
}

function aged(record: Record | undefined, clock: Clock): AdapterPayload | undefined {
  if (!record) return undefined
  const { payload, ahead } = record
  const older = Math.floor((clock.ahead() - ahead) / 1000)
  return payload.exp === undefined ? payload : { ...payload, exp: payload.exp - older }
}
