// What people write by hand: passport-local logs in, a code in the session, a flag that every route must remember to
// check.
import { randomInt } from 'node:crypto'
import { answer } from '../lib/child.js'
import { listen } from '../lib/client.js'
import { redisGiven } from '../lib/connect.js'
import { emptied, host, outbox, sessionsOf, type User } from '../lib/people.js'

interface Held { code?: string, sentAt: number, verified?: boolean }

const { client, prefix } = await redisGiven()
const { app, passport } = host(await sessionsOf(client, prefix))
const { codes } = outbox()

app.use(passport.session())
app.post('/login/local', passport.authenticate('local'), (req, res) => {
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  Object.assign(req.session, { code, sentAt: Date.now() })
  codes.set((req.user as User).phone, code)
  res.json({ status: 'pending' })
})
app.post('/login/sms-otp', (req, res) => {
  const held = req.session as unknown as Held
  held.verified = held.code !== undefined && req.body.code === held.code && Date.now() - held.sentAt < 300_000
  delete held.code
  res.json({ status: held.verified ? 'complete' : 'refused' })
})

const { url } = await listen(app)
answer({ url: () => url, codes: () => emptied(codes) })
