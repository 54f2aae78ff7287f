// Every figure is a ratio of two sides that ran in turns in this one process: absolute rates of a shared machine mean little.
// Traffic stays on loopback, and every loop is counted.
import { benchGuard } from './guard.js'
import { benchLogins } from './logins.js'
import { redisServer } from './redis-server.js'
import { benchVerifies } from './verifies.js'

const redis = await redisServer()
try {
  await benchLogins()
  await benchGuard()
  await benchVerifies(redis.url)
} finally {
  redis.close()
}
