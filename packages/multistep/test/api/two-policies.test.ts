import express, { type ErrorRequestHandler } from 'express'
import session from 'express-session'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { MemoryFlowStore, multistep } from '../../src/index.js'
import { browser, pin } from '../support/app.js'
import { device } from '../support/factors.js'

interface Account { id: string, name: string }

/** An app of customers and, under `/staff`, of its staff: two tables whose ids collide, one session, one store. */
function shop() {
  const store = new MemoryFlowStore()
  const policy = (account: Account, loginPath: string, second: boolean) => {
    const passport = new Passport()
    passport.serializeUser((user, done) => done(null, (user as Account).id))
    passport.deserializeUser((id, done) => done(null, id === account.id ? account : false))
    passport.use(new LocalStrategy((name, password, done) => done(null, name === account.name && password === 'right' ? account : false))).use(pin())
    return multistep(passport, second ? { loginPath, store, steps: ['local', 'pin'], factors: { pin: device } } : { loginPath, store, steps: ['local'] })
  }
  const customers = policy({ id: '1', name: 'eve' }, '/login', false)
  const staff = policy({ id: '1', name: 'root' }, '/staff/login', true)
  const app = express()
  app.use(session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false }), express.json())
  const who = (req: any, res: any) => res.json({ user: req.user?.name ?? null })
  app.use('/staff', staff.session() as any)
  app.use('/staff/login', staff.router() as any)
  app.get('/staff/who', who)
  app.get('/staff/guarded', staff.require() as any, who)
  app.get('/staff/mixed', customers.session() as any, staff.require() as any, who)
  app.use(customers.session() as any)
  app.use('/login', customers.router() as any)
  app.get('/who', who)
  app.get('/guarded', customers.require() as any, who)
  app.get('/forgotten', staff.require() as any, who)
  const failed: ErrorRequestHandler = (error, _req, res, next) => (res.headersSent ? next(error) : void res.status(500).json({ message: error.message }))
  app.use(failed)
  return app
}

const eve = { username: 'eve', password: 'right' }
const root = { username: 'root', password: 'right' }

describe('two policies on one session and one store', () => {
  it('a login by the weaker policy is none by the other, and neither policy knows the other\'s accounts (R-42)', async () => {
    const customer = browser(shop())
    await customer.post('/login/local', eve).expect(200)
    expect((await customer.get('/staff/who')).body).toEqual({ user: null })
    await customer.get('/staff/guarded').expect(401)
    await customer.get('/staff/mixed').expect(401)
    expect((await customer.get('/guarded').expect(200)).body).toEqual({ user: 'eve' })
  })

  it('a pending login of one policy is none of the other', async () => {
    const half = browser(shop())
    await half.post('/staff/login/local', root).expect(200)
    expect((await half.get('/login')).body.status).toBe('anonymous')
    expect((await half.get('/who')).body).toEqual({ user: null })
  })

  it('a guard whose own session() did not run says so, although the user is logged in by the other policy', async () => {
    const customer = browser(shop())
    await customer.post('/login/local', eve).expect(200)
    expect((await customer.get('/forgotten').expect(500)).body.message).toContain('app.use(login.session()) is missing')
  })
})
