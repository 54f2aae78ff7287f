// Every figure of speed is a ratio of sides that ran in turns in this one process: absolute rates of a shared machine mean little.
// What is counted (store calls, requests) is the same on any machine. Traffic stays on loopback, and every loop is counted.
import { benchGuards } from './guards.js'
import { benchImports } from './imports.js'
import { benchLogins } from './logins.js'
import { benchMobileConnect } from './mobile-connect.js'
import { redisServer } from './redis-server.js'
import { benchSteps } from './steps.js'
import { benchVerifies } from './verifies.js'

const redis = await redisServer()
try {
  await benchGuards(redis.url)
  await benchSteps(redis.url)
  await benchLogins()
  await benchVerifies(redis.url)
  await benchMobileConnect()
  benchImports()
} finally {
  redis.close()
}
