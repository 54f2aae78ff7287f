// NestJS on Express: the same middleware, in front of controllers. `npm run example nestjs`, log in as ada / lovelace.
import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import { Controller, Get, Module, Req } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import express, { type Request } from 'express'
import session from 'express-session'
import { multistep } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'

const ada = { id: 'ada', password: 'lovelace', phone: '+447400123456' }
const secret = randomBytes(32).toString('hex')

passport.serializeUser((user, done) => { done(null, (user as typeof ada).id) })
passport.deserializeUser((id, done) => { done(null, id === ada.id && ada) })
passport.use(
  new LocalStrategy((name, password, done) => {
    done(null, name === ada.id && password === ada.password && ada)
  }),
)
passport.use(new SmsOtpStrategy({ sender: consoleSender(), secret, appName: 'Acme', origin: 'localhost' }))

const login = multistep(passport, { steps: ['local', 'sms-otp'], successRedirect: '/account' })

@Controller('account')
class AccountController {
  @Get()
  account(@Req() req: Request) {
    return `Hello ${(req.user as typeof ada).id}, you proved ${login.amr(req).join(' + ')}.`
  }
}

@Module({ controllers: [AccountController] })
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- a module of Nest is one
class AppModule {}

const app = await NestFactory.create<NestExpressApplication>(AppModule, {
  bodyParser: false,
  logger: ['error', 'warn'],
})
// Nest would mount its own parsers behind what stands here.
app.use(express.urlencoded({ extended: false }), express.json())
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(login.session())
app.use('/login', login.router())
app.use('/account', login.require())
await app.listen(process.env.PORT ?? 3000)
console.log(`${await app.getUrl()}/account`.replace('[::1]', 'localhost'))
