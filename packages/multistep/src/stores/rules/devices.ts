import type { Expiring } from '#internal/documents/documents'
import {
  graceFor, type Device, type DeviceAnswer, type DeviceUse, type KeptDevice, type NewDevice,
} from '../device-store.js'
import { frozen } from './frozen.js'

/** The devices of one person, as one document. The one that was remembered first comes first. */
export interface Devices extends Expiring {
  readonly devices: readonly Remembered[]
}

interface Remembered {
  readonly device: Device
  readonly token: string
  readonly purpose: string
  readonly fingerprint: string
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly expiresAt: number
  /** The last use, for the browser that made it. */
  readonly last?: { readonly token: string, readonly browser: string, readonly sealed: string }
}

export const livingDevices = (kept: Devices | undefined, now: number): readonly Remembered[] =>
  (kept?.devices ?? []).filter(({ expiresAt }) => now < expiresAt)

export const idsOf = (devices: readonly Remembered[]): string[] => devices.map(({ device: { id } }) => id)

export const toldDevice = ({ device, createdAt, lastUsedAt, expiresAt }: Remembered): KeptDevice =>
  ({ ...device, createdAt, lastUsedAt, expiresAt })

export function withDevice(
  kept: Devices | undefined, { token, purpose, fingerprint, ttl, replaces = [], ...device }: NewDevice, max: number,
  now: number,
): { readonly record: Devices | undefined, readonly answer: string[] } {
  const others = livingDevices(kept, now).filter(({ device: { id } }) => id !== device.id)
  const former = [...new Set(replaces)].filter((id) => idsOf(others).includes(id))
  const left = others.filter(({ device: { id } }) => !former.includes(id))
  const first = idsOf(left.slice(0, Math.max(0, left.length - max + 1)))
  const dates = { createdAt: now, lastUsedAt: now, expiresAt: Math.ceil(now + ttl) }
  const added = { device: frozen(device), token, purpose, fingerprint, ...dates }
  return { record: devicesWith([...left.slice(first.length), added]), answer: [...former, ...first] }
}

export function usedDevice(
  kept: Devices | undefined, use: DeviceUse, now: number,
): { readonly record: Devices | undefined, readonly answer: DeviceAnswer } {
  const { tokens, next, purpose, fingerprint, sealed, browser } = use
  const living = livingDevices(kept, now)
  for (const { id, token } of tokens) {
    const found = living.find(({ device }) => device.id === id)
    if (found?.purpose !== purpose) continue
    if (found.token === token && found.fingerprint === fingerprint) {
      const { last: _, ...before } = found
      const last = sealed === undefined || browser === undefined ? {} : { last: { token, browser, sealed } }
      const used = { ...before, token: next, lastUsedAt: now, ...last }
      const all = living.map((one) => (one === found ? used : one))
      return { record: devicesWith(all), answer: { status: 'ok', device: toldDevice(used) } }
    }
    const again = sealedBefore(found, token, use, now)
    if (again !== undefined) return { record: kept, answer: { status: 'ok', device: toldDevice(found), again } }
    const others = devicesWith(living.filter((one) => one !== found))
    return { record: others, answer: { status: found.token === token ? 'outdated' : 'reused', id } }
  }
  return { record: kept, answer: { status: 'unknown' } }
}

/** What the use before was sealed with, where this is the same use: a second click, or a post whose answer was lost. */
function sealedBefore(
  { last, fingerprint, lastUsedAt }: Remembered, token: string, use: DeviceUse, now: number,
): string | undefined {
  const isSame = last?.token === token && last.browser === use.browser && fingerprint === use.fingerprint
  return isSame && now < lastUsedAt + graceFor ? last.sealed : undefined
}

export function withoutDevice(
  kept: Devices | undefined, id: string, now: number,
): { readonly record: Devices | undefined, readonly answer: boolean } {
  const living = livingDevices(kept, now)
  const others = living.filter(({ device }) => device.id !== id)
  if (others.length === living.length) return { record: kept, answer: false }
  return { record: devicesWith(others), answer: true }
}

const devicesWith = (devices: readonly Remembered[]): Devices | undefined =>
  (devices.length === 0 ? undefined : { expiresAt: Math.max(...devices.map(({ expiresAt }) => expiresAt)), devices })
