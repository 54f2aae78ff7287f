import type { RedisServer } from './redis.ts'

export default async function globalTeardown(): Promise<void> {
  await (globalThis as { redisServer?: RedisServer }).redisServer?.close()
}
