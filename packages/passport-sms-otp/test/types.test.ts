import express from 'express'
import passport from 'passport'
import { SmsOtp, Strategy as SmsOtpStrategy, type SmsOtpOutcome } from '../src/index.js'
import { consoleSender } from '../src/senders/index.js'

const options = { sender: consoleSender(), secret: process.env.OTP_KEY ?? 'fJ3mQ8vZr1LwX6tYc0HbN5kAeD9sUgPo', countries: ['GB'] }

describe('The types accept', () => {
  it('the types accept each way to write a verify callback', () => {
    const strategies = [
      new SmsOtpStrategy(options, async (phone) => ({ id: phone })),
      new SmsOtpStrategy(options, (phone, done) => done(null, { id: phone })),
      new SmsOtpStrategy({ ...options, passReqToCallback: true }, async (req, phone) => ({ id: `${req.path} ${phone}` })),
      new SmsOtpStrategy({ ...options, passReqToCallback: true }, (req, phone, done) => { done(null, { id: `${req.path} ${phone}` }) }),
      new SmsOtpStrategy(options),
      new SmsOtpStrategy({ otp: new SmsOtp(options) }),
    ]
    for (const strategy of strategies) expect(passport.use(strategy)).toBe(passport)
  })

  it('the types accept the options of authenticate, and req.smsOtp', () => {
    const app = express()
    app.post('/send', passport.authenticate('sms-otp', { action: 'send', purpose: 'transfer', details: { payee: 'Bob' } }), (req, res) => {
      const outcome: SmsOtpOutcome | undefined = req.smsOtp
      res.json(outcome)
    })
    // @ts-expect-error -- a misspelt action option
    expect(() => passport.authenticate('sms-otp', { acton: 'send' })).not.toThrow()
  })

  it('the types accept the options of a service or a service, not both', () => {
    const otp = new SmsOtp(options)
    // @ts-expect-error -- the secret belongs to the service
    expect(() => new SmsOtpStrategy({ otp, secret: options.secret })).toThrow(TypeError)
  })
})
