// Whole logins with multistep and passport-sms-otp, everything on.
import { randomBytes } from 'node:crypto'
import { multistep, MemoryFlowStore, RedisFlowStore } from 'multistep'
import { MemoryChallengeStore, RedisChallengeStore, SmsOtp, Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { answer } from '../lib/child.js'
import { listen } from '../lib/client.js'
import { redisGiven } from '../lib/connect.js'
import { emptied, host, outbox, sessionsOf } from '../lib/people.js'

const { client, prefix } = await redisGiven()
const { app, passport } = host(await sessionsOf(client, prefix))
const { codes, sender } = outbox()

const capacity = 1_000_000
const challenges = client
  ? new RedisChallengeStore({ client, prefix: `${prefix}otp:` })
  : new MemoryChallengeStore({ capacity })
const flows = client ? new RedisFlowStore({ client, prefix: `${prefix}flow:` }) : new MemoryFlowStore({ capacity })

const otp = new SmsOtp({ sender, secret: randomBytes(48).toString('base64'), store: challenges })
passport.use(new SmsOtpStrategy({ otp }) as never)
const login = multistep(passport, { steps: ['local', 'sms-otp'], store: flows })
app.use(login.session() as never)
app.use('/login', login.router() as never)

const { url } = await listen(app)
answer({ url: () => url, codes: () => emptied(codes) })
