// Whole logins with the floor server.
import { randomBytes } from 'node:crypto'
import { MemoryFlowStore, RedisFlowStore } from 'multistep'
import { MemoryChallengeStore, RedisChallengeStore } from 'passport-sms-otp'
import { floor } from '../floor.js'
import { answer } from '../lib/child.js'
import { listen } from '../lib/client.js'
import { redisGiven } from '../lib/connect.js'
import { emptied, outbox, sessionsOf, userOf } from '../lib/people.js'

const { client, prefix } = await redisGiven()
const { codes, sender } = outbox()
const capacity = 1_000_000

const { app } = floor({
  sessions: await sessionsOf(client, prefix),
  flows: client ? new RedisFlowStore({ client, prefix: `${prefix}flow:` }) : new MemoryFlowStore({ capacity }),
  challenges: client
    ? new RedisChallengeStore({ client, prefix: `${prefix}otp:` })
    : new MemoryChallengeStore({ capacity }),
  secret: randomBytes(48).toString('base64'),
  countries: ['GB'],
  signIn: (name, password) => (password === 'right' ? userOf(name) : undefined),
  personOf: userOf,
  send: sender.send,
})

const { url } = await listen(app)
answer({ url: () => url, codes: () => emptied(codes) })
