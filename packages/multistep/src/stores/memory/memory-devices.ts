import { graceFor, type Device, type DeviceAnswer, type DeviceUse, type KeptDevice, type NewDevice } from '../device-store.js'
import { ExpiringMap } from './expiring-map.js'
import { requirePartition, requireWord } from '../keys.js'

interface Remembered {
  readonly json: string
  readonly token: string
  readonly purpose: string
  readonly fingerprint: string
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly expiresAt: number
  /** The last use, for the browser that made it. */
  readonly last?: { readonly token: string, readonly browser: string, readonly sealed: string }
}

type Devices = ReadonlyMap<string, Remembered>

/** What a `MemoryFlowStore` knows of remembered devices. */
export abstract class MemoryDevices {
  protected abstract readonly now: () => number
  /** By partition; a map keeps the order in which they were remembered. */
  private readonly devices: ExpiringMap<{ readonly all: Devices, readonly expiresAt: number }>

  constructor(capacity: number) {
    this.devices = new ExpiringMap(capacity)
  }

  async rememberDevice(partition: string, { id, token, purpose, fingerprint, ttl, replaces = [], ...told }: NewDevice, max: number): Promise<string[]> {
    for (const word of [id, token, purpose, fingerprint, ...replaces]) requireWord(word)
    const now = this.now()
    const all = new Map(this.devicesOf(partition, now))
    all.delete(id)
    const replaced = [...new Set(replaces)].filter((former) => all.delete(former))
    const most = [...all.keys()].slice(0, Math.max(0, all.size - max + 1)).filter((former) => all.delete(former))
    all.set(id, { json: JSON.stringify(told), token, purpose, fingerprint, createdAt: now, lastUsedAt: now, expiresAt: now + ttl })
    this.keepDevices(partition, all, now)
    return [...replaced, ...most]
  }

  async useDevice(partition: string, { tokens, next, purpose, fingerprint, sealed, browser }: DeviceUse): Promise<DeviceAnswer> {
    for (const word of [next, purpose, fingerprint, sealed ?? next, browser ?? next, ...tokens.flatMap(({ id, token }) => [id, token])]) requireWord(word)
    const now = this.now()
    const all = this.devicesOf(partition, now)
    for (const { id, token } of tokens) {
      const device = all.get(id)
      if (device?.purpose !== purpose) continue
      if (device.token === token && device.fingerprint === fingerprint) {
        const { last: _, ...kept } = device
        const used = { ...kept, token: next, lastUsedAt: now, ...sealed !== undefined && browser !== undefined ? { last: { token, browser, sealed } } : {} }
        this.keepDevices(partition, new Map(all).set(id, used), now)
        return { status: 'ok', device: tell(id, used) }
      }
      if (device.last?.token === token && device.last.browser === browser && device.fingerprint === fingerprint && now < device.lastUsedAt + graceFor) {
        return { status: 'ok', device: tell(id, device), again: device.last.sealed }
      }
      this.keepDevices(partition, without(all, id), now)
      return { status: device.token === token ? 'outdated' : 'reused', id }
    }
    return { status: 'unknown' }
  }

  async listDevices(partition: string): Promise<KeptDevice[]> {
    return [...this.devicesOf(partition, this.now())].map(([id, device]) => tell(id, device))
  }

  async forgetDevice(partition: string, id: string): Promise<boolean> {
    const now = this.now()
    const all = this.devicesOf(partition, now)
    if (!all.has(id)) return false
    this.keepDevices(partition, without(all, id), now)
    return true
  }

  async forgetDevices(partition: string): Promise<string[]> {
    const ids = [...this.devicesOf(partition, this.now()).keys()]
    this.devices.delete(partition)
    return ids
  }

  private devicesOf(partition: string, now: number): Devices {
    const kept = this.devices.get(requirePartition(partition), now)?.all ?? []
    return new Map([...kept].filter(([, { expiresAt }]) => now < expiresAt))
  }

  private keepDevices(partition: string, all: Devices, now: number): void {
    if (all.size === 0) return this.devices.delete(partition)
    this.devices.set(partition, { all, expiresAt: Math.max(...[...all.values()].map(({ expiresAt }) => expiresAt)) }, now)
  }
}

const without = (all: Devices, id: string): Devices => new Map([...all].filter(([other]) => other !== id))

const tell = (id: string, { json, createdAt, lastUsedAt, expiresAt }: Remembered): KeptDevice => ({ ...JSON.parse(json) as Omit<Device, 'id'>, id, createdAt, lastUsedAt, expiresAt })
