import { RedisStore } from 'connect-redis'
import { MemoryStore, type Store } from 'express-session'
import { MemoryFlowStore, RedisFlowStore, type FlowStore } from 'multistep'
import { MemoryRecoveryCodeStore, type RecoveryCodeStore } from 'multistep/recovery-codes'
import { MemoryTransactionStore, RedisTransactionStore, type TransactionStore } from 'passport-mobileconnect'
import {
  MemoryTransactionStore as MemoryNumberTransactions,
  RedisTransactionStore as RedisNumberTransactions,
  type TransactionStore as NumberTransactions,
} from 'passport-number-verification'
import { MemoryChallengeStore, RedisChallengeStore, type ChallengeStore } from 'passport-sms-otp'
import { memoryHandset, type Handset } from '../handset/handset.js'
import { redisHandset } from '../handset/redis-handset.js'
import type { SimulatorAddress, SimulatorRegister } from '../mobile-connect/simulator.js'
import { memoryLinks, type Links } from '../users/links.js'
import { memoryNumbers, type Numbers } from '../users/numbers.js'
import { memorySheet, type RecoverySheet } from '../users/recovery-sheet.js'
import { redisLinks } from '../users/redis-links.js'
import { redisNumbers } from '../users/redis-numbers.js'
import { redisRecoveryCodes, redisSheet } from '../users/redis-recovery.js'
import { answered, redisClient, type Redis } from './redis.js'
import { ownSecrets, sharedSecrets, type Secrets } from './secrets.js'

/** Everything the app keeps, either in this process or in Redis. */
export interface Stores {
  readonly secrets: Secrets
  readonly sessions: Store
  readonly challenges: ChallengeStore
  readonly flows: FlowStore
  readonly transactions: TransactionStore
  readonly numberTransactions: NumberTransactions
  readonly recoveryCodes: RecoveryCodeStore
  readonly sheet: RecoverySheet
  readonly numbers: Numbers
  readonly links: Links
  readonly handset: Handset
  /** Where there are other processes. */
  readonly simulator?: SimulatorRegister
  /** Whether they can be reached, as far as is known without asking. */
  isReady(): boolean
  /** Asks. @throws AppError 503 */
  check(): Promise<void>
  close(): Promise<void>
}

export const memoryStores = (secrets: Partial<Secrets>): Stores => ({
  secrets: ownSecrets(secrets),
  sessions: new MemoryStore(),
  challenges: new MemoryChallengeStore(),
  flows: new MemoryFlowStore(),
  transactions: new MemoryTransactionStore(),
  numberTransactions: new MemoryNumberTransactions(),
  recoveryCodes: new MemoryRecoveryCodeStore(),
  sheet: memorySheet(),
  links: memoryLinks(),
  numbers: memoryNumbers(),
  handset: memoryHandset(),
  isReady: () => true,
  check: async () => undefined,
  close: async () => undefined,
})

export interface RedisOptions {
  /** `redis://…` or `rediss://…`. */
  readonly url: string
  /** What every key begins with. Default: `'example:'`. */
  readonly prefix?: string | undefined
}

/** Connects first, and waits for a Redis that is not there yet. */
export async function redisStores({ url, prefix = 'example:' }: RedisOptions, secrets: Partial<Secrets>, log: (line: string) => void): Promise<Stores> {
  const client = redisClient(url, log)
  await client.connect()
  const subscriber = client.duplicate()
  subscriber.on('error', () => undefined)
  await subscriber.connect()
  return {
    secrets: await sharedSecrets(secrets, client, prefix),
    sessions: new RedisStore({ client: sessionCommands(client), prefix: `${prefix}session:` }),
    challenges: new RedisChallengeStore({ client, prefix: `${prefix}otp:` }),
    flows: new RedisFlowStore({ client, prefix: `${prefix}login:` }),
    transactions: new RedisTransactionStore({ client, prefix: `${prefix}mobileconnect:` }),
    numberTransactions: new RedisNumberTransactions({ client, prefix: `${prefix}number-verification:` }),
    recoveryCodes: redisRecoveryCodes(client, `${prefix}recovery:`),
    sheet: redisSheet(client, `${prefix}recovery-sheet`),
    links: redisLinks(client, `${prefix}links`),
    numbers: redisNumbers(client, `${prefix}numbers`),
    simulator: redisRegister(client, `${prefix}operators`),
    handset: await redisHandset(client, subscriber, `${prefix}handset`),
    isReady: () => client.isReady,
    check: async () => {
      await answered(client.ping())
    },
    close: async () => {
      subscriber.destroy()
      client.destroy()
    },
  }
}

const redisRegister = (client: Redis, key: string): SimulatorRegister => ({
  claim: async (address) => {
    const earlier = await answered(client.set(key, JSON.stringify(address), { condition: 'NX', GET: true }))
    return earlier === null ? address : JSON.parse(earlier) as SimulatorAddress
  },
  replace: async (address) => {
    await answered(client.set(key, JSON.stringify(address)))
  },
})

/**
 * The commands that connect-redis uses, with a deadline: what goes wrong with them, express-session hands to the error
 * handler, as a 503.
 */
const sessionCommands = (client: Redis) => ({
  get: (key: string) => answered(client.get(key)),
  set: (...args: Parameters<Redis['set']>) => answered(client.set(...args)),
  expire: (key: string, seconds: number) => answered(client.expire(key, seconds)),
  del: (keys: string[]) => answered(client.del(keys)),
})
