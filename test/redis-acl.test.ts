import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from 'redis'
import { RedisFlowStore } from 'multistep'
import { flowStoreContract } from 'multistep/testing'
import { RedisTransactionStore } from 'passport-mobileconnect'
import { transactionStoreContract } from 'passport-mobileconnect/testing'
import { RedisChallengeStore } from 'passport-sms-otp'
import { challengeStoreContract } from 'passport-sms-otp/testing'
import { describeWithRedisServer, startRedisServer, type RedisServer } from './support/redis.js'

const line = /^ACL SETUSER .+$/m.exec(readFileSync(join(__dirname, '../docs/operations.md'), 'utf8'))![0]

type Client = ReturnType<typeof createClient>
type Asked = Readonly<{ keys: string[], arguments: string[] }>

describeWithRedisServer('a Redis user with the rights that docs/operations.md names', () => {
  let server: RedisServer
  let connected: Client
  // The contracts make their stores before there is a server.
  const client = {
    eval: (script: string, asked: Asked) => connected.eval(script, asked),
    evalSha: (sha: string, asked: Asked) => connected.evalSha(sha, asked),
  }
  beforeAll(async () => {
    server = await startRedisServer()
    const admin = await createClient({ url: server.url }).connect()
    await admin.sendCommand(line.split(' '))
    await admin.close()
    connected = await createClient({ url: server.url, username: 'app', password: 'password' }).connect() as Client
  })
  afterAll(async () => {
    await connected.close()
    await server.close()
  })

  challengeStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisChallengeStore({ client, now, prefix: `sms-otp:${randomUUID()}:` }) })
  flowStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisFlowStore({ client, now, prefix: `multistep:${randomUUID()}:` }) })
  transactionStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisTransactionStore({ client, now, prefix: `mobileconnect:${randomUUID()}:` }) })

  it('reads no clock of its own but the server\'s', async () => {
    const store = new RedisFlowStore({ client })
    expect(Math.abs(await store.time() - Date.now())).toBeLessThan(60_000)
  })

  it.each([['FLUSHALL'], ['KEYS', '*'], ['CONFIG', 'GET', '*'], ['GET', 'other'], ['ACL', 'LIST'], ['SHUTDOWN']])('may not do more: %s', async (...command) => {
    await expect(connected.sendCommand(command)).rejects.toThrow(/NOPERM/)
  })
})
