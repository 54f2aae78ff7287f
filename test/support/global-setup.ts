import { join } from 'node:path'
import { hasRedisServer, startRedisServer, type RedisServer } from './redis.ts'

/**
 * Finds or starts the Redis that all test files share, and tells them its URL in `REDIS_TEST_URL`. Under `CI=true` no test goes without.
 * `TEST_KEYS` is where `cheap-crypto` keeps RSA keys, for workers and for processes that tests start.
 */
export default async function globalSetup(): Promise<void> {
  process.env.TEST_KEYS = join(__dirname, '../../node_modules/.cache/test-keys')
  if (process.env.CI === 'true' && !hasRedisServer()) throw new Error('Under CI=true the tests need redis-server: some start and stop one of their own.')
  if (process.env.REDIS_URL) {
    process.env.REDIS_TEST_URL = process.env.REDIS_URL
    return
  }
  if (!hasRedisServer()) return console.warn('No REDIS_URL and no redis-server: tests against Redis are skipped.')
  const server = await startRedisServer()
  process.env.REDIS_TEST_URL = server.url
  ;(globalThis as { redisServer?: RedisServer }).redisServer = server
}
