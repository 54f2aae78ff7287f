// SmsOtp without Express and without Passport: Fastify proves a number. POST /number { "phone": "+44 7400 123456" },
// then POST /number/confirm { "challenge", "code" }.
import { randomBytes } from 'node:crypto'
import Fastify from 'fastify'
import { SmsOtp } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'

const otp = new SmsOtp({
  sender: consoleSender(), secret: randomBytes(32).toString('hex'), countries: ['GB'], appName: 'Acme', origin: 'localhost',
})

const app = Fastify()
const text = { type: 'string' }
const bodyOf = (...names) => ({ schema: { body: { type: 'object', required: names, properties: Object.fromEntries(names.map((name) => [name, text])) } } })

app.post('/number', bodyOf('phone'), async (request, reply) => {
  const sent = await otp.issue({ to: request.body.phone, purpose: 'number', ip: request.ip })
  switch (sent.status) {
    case 'sent': return { challenge: sent.challenge, to: sent.to, expiresAt: sent.expiresAt }
    case 'throttled': case 'locked': return reply.code(429).header('Retry-After', sent.retryAfter).send({ code: sent.status })
    default: return reply.code(400).send({ code: sent.status })
  }
})

app.post('/number/confirm', bodyOf('challenge', 'code'), async ({ body }, reply) => {
  const result = await otp.verify({ challenge: body.challenge, code: body.code, purpose: 'number' })
  return result.status === 'ok' ? { phone: result.phone } : reply.code(401).send({ code: result.status, attemptsLeft: result.attemptsLeft })
})

await app.listen({ port: Number(process.env.PORT ?? 3000) })
console.log(`http://localhost:${app.server.address().port}/`)
