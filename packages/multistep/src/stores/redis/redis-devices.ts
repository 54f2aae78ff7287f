import { graceFor, type DeviceAnswer, type DeviceUse, type KeptDevice, type NewDevice } from '../device-store.js'
import * as devices from './lua/devices.js'
import type { Script } from '#internal/redis-script'
import { deviceReply, devicesReply, flagReply, wordsReply } from './redis-replies.js'
import { isWord, requirePartition, requireWord } from '../keys.js'

/** What a `RedisFlowStore` knows of remembered devices: one key for each person. */
export abstract class RedisDevices {
  protected abstract readonly prefix: string
  protected abstract run(script: Script, keys: string[], ...args: (string | number)[]): Promise<unknown>

  async rememberDevice(partition: string, device: NewDevice, max: number): Promise<string[]> {
    const { id, token, purpose, fingerprint, ttl, replaces = [], ...told } = device
    const words = [id, token, purpose, fingerprint].map(requireWord)
    const args = [max, ttl, ...words, JSON.stringify(told), ...replaces.map(requireWord)]
    return wordsReply(await this.run(devices.rememberDeviceScript, [this.devicesKey(partition)], ...args))
  }

  async useDevice(
    partition: string, { tokens, next, purpose, fingerprint, sealed, browser }: DeviceUse,
  ): Promise<DeviceAnswer> {
    const words = [next, purpose, fingerprint].map(requireWord)
    // No word: nothing is equal to it.
    const told = sealed !== undefined && browser !== undefined ? [browser, sealed].map(requireWord) : ['', '']
    const presented = tokens.flatMap(({ id, token }) => [id, token]).map(requireWord)
    const args = [...words, graceFor, ...told, ...presented]
    return deviceReply(await this.run(devices.useDeviceScript, [this.devicesKey(partition)], ...args))
  }

  async listDevices(partition: string): Promise<KeptDevice[]> {
    return devicesReply(await this.run(devices.listDevicesScript, [this.devicesKey(partition)]))
  }

  async forgetDevice(partition: string, id: string): Promise<boolean> {
    const key = this.devicesKey(partition)
    return isWord(id) && flagReply(await this.run(devices.forgetDeviceScript, [key], id))
  }

  async forgetDevices(partition: string): Promise<string[]> {
    return wordsReply(await this.run(devices.forgetDevicesScript, [this.devicesKey(partition)]))
  }

  protected devicesKey(partition: string): string {
    return `${this.prefix}devices:{${requirePartition(partition)}}`
  }
}
