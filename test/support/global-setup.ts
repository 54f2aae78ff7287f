import { hasRedisServer, startRedisServer, type RedisServer } from './redis.ts'

/** Finds or starts the Redis that all test files share, and tells them its URL in `REDIS_TEST_URL`. */
export default async function globalSetup(): Promise<void> {
  if (process.env.REDIS_URL) {
    process.env.REDIS_TEST_URL = process.env.REDIS_URL
    return
  }
  if (hasRedisServer()) {
    const server = await startRedisServer()
    process.env.REDIS_TEST_URL = server.url
    ;(globalThis as { redisServer?: RedisServer }).redisServer = server
    return
  }
  if (process.env.CI === 'true') throw new Error('The tests need Redis under CI=true: set REDIS_URL or install redis-server.')
  console.warn('No REDIS_URL and no redis-server: tests against Redis are skipped.')
}
