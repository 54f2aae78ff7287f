import type { Passport } from 'passport'
import { browser, buildApp } from '../support/app.js'

describe('passport.authenticate beside multistep', () => {
  it('a strategy that nobody has registered is told by Passport itself', async () => {
    const { app } = buildApp({
      options: { steps: ['local'] },
      routes: (host) => {
        host.get('/ghost', (req, res, next) => { (req.app.get('passport') as InstanceType<typeof Passport>).authenticate('ghost')(req, res, next) })
      },
      before: (host, passport) => { host.set('passport', passport) },
    })
    expect((await browser(app).get('/ghost')).body).toMatchObject({ handled: true, message: 'Unknown authentication strategy "ghost"' })
  })
})
