// SmsOtp is the service behind the strategy. Here it proves a new number before the account gets it, in an app whose
// login is its own. POST /number { "phone": "+44 7400 123458" }, then POST /number/confirm { "challenge", "code" }.
import { randomBytes } from 'node:crypto'
import express from 'express'
import { SmsOtp } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'

const ada = { id: 'ada', phone: '+447400123456' }

const otp = new SmsOtp({
  sender: consoleSender(),
  secret: randomBytes(32).toString('hex'),
  countries: ['GB'],
  appName: 'Acme',
  origin: 'localhost',
})

const app = express()
app.use(express.json())
app.use((req, res, next) => { req.user = ada; next() }) // your own login stands here

app.post('/number', async (req, res) => {
  const sent = await otp.issue({ to: req.body.phone, subject: req.user.id, purpose: 'new-number', ip: req.ip })
  // The handle is sealed: it says nothing, and only this service reads it.
  if (sent.status === 'sent') res.json({ challenge: sent.challenge, to: sent.to, expiresAt: sent.expiresAt })
  else res.status(sent.status === 'throttled' ? 429 : 400).json({ code: sent.status })
})

app.post('/number/confirm', async (req, res) => {
  const { challenge, code } = req.body
  const result = await otp.verify({ challenge, code, subject: req.user.id, purpose: 'new-number' })
  if (result.status !== 'ok') return res.status(401).json({ code: result.status, attemptsLeft: result.attemptsLeft })
  ada.phone = result.phone
  res.json({ phone: ada.phone })
})

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}/`))
