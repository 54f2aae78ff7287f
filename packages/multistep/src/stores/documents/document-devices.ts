import { changeOne, type Documents } from '#internal/documents/documents'
import type { DeviceAnswer, DeviceUse, KeptDevice, NewDevice } from '../device-store.js'
import { requirePartition, requireWord } from '../keys.js'
import {
  idsOf, livingDevices, toldDevice, usedDevice, withDevice, withoutDevice, type Devices,
} from '../rules/devices.js'
import { endedAll, type PersonRecord } from '../rules/person.js'
import { devicesKey, personKey } from './flow-documents.js'

/** What a `DocumentFlowStore` knows of remembered devices: one document for each person. */
export abstract class DocumentDevices {
  protected readonly documents: Documents

  constructor(documents: Documents) {
    this.documents = documents
  }

  async rememberDevice(partition: string, device: NewDevice, max: number): Promise<string[]> {
    const { id, token, purpose, fingerprint, replaces = [] } = device
    for (const word of [id, token, purpose, fingerprint, ...replaces]) requireWord(word)
    return changeOne<Devices, string[]>(this.documents, checkedKey(partition), (kept, now) =>
      withDevice(kept, device, max, now))
  }

  async useDevice(partition: string, use: DeviceUse): Promise<DeviceAnswer> {
    const { next, purpose, fingerprint, sealed = next, browser = next, tokens } = use
    const presented = tokens.flatMap(({ id, token }) => [id, token])
    for (const word of [next, purpose, fingerprint, sealed, browser, ...presented]) requireWord(word)
    return changeOne<Devices, DeviceAnswer>(this.documents, checkedKey(partition), (kept, now) =>
      usedDevice(kept, use, now))
  }

  async listDevices(partition: string): Promise<KeptDevice[]> {
    const { records: [kept], now } = await this.documents.read<Devices>([checkedKey(partition)])
    return livingDevices(kept, now).map(toldDevice)
  }

  async forgetDevice(partition: string, id: string): Promise<boolean> {
    return changeOne<Devices, boolean>(this.documents, checkedKey(partition), (kept, now) =>
      withoutDevice(kept, id, now))
  }

  async forgetDevices(partition: string): Promise<string[]> {
    return changeOne<Devices, string[]>(this.documents, checkedKey(partition), (kept, now) =>
      ({ record: undefined, answer: idsOf(livingDevices(kept, now)) }))
  }

  async endAll(partition: string, ttl: number): Promise<string[]> {
    const keys = [personKey(requirePartition(partition)), devicesKey(partition)]
    return this.documents.change<PersonRecord | Devices, string[]>(keys, ([person, devices], now) => ({
      records: [endedAll(person, ttl, now), undefined],
      answer: idsOf(livingDevices(devices as Devices | undefined, now)),
    }))
  }
}

const checkedKey = (partition: string): string => devicesKey(requirePartition(partition))
