import { users, type Person } from './users.js'
import { Controller, Get, Inject, Injectable, Module, Req, UnauthorizedException, UseGuards } from '@nestjs/common'
import type { CanActivate, ExecutionContext, MiddlewareConsumer, NestModule } from '@nestjs/common'
import { PassportModule, PassportSerializer, PassportStrategy } from '@nestjs/passport'
import type { Request } from 'express'
import session from 'express-session'
import { multistep, type Multistep } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as TotpStrategy } from 'passport-totp'

/** The first factor, `local`. */
@Injectable()
class PasswordStrategy extends PassportStrategy(LocalStrategy) {
  async validate(name: string, password: string) {
    const person = await users.byPassword(name, password)
    if (!person) throw new UnauthorizedException() // or return nobody: both are a failed attempt
    return person
  }
}

/** The second, `totp`: it finds the person who is half logged in. */
@Injectable()
class AppCodeStrategy extends PassportStrategy(TotpStrategy) {
  constructor() { super({}) }
  async validate(person: Person) { return [Buffer.from(person.totpKey ?? ''), 30] }
}

@Injectable()
class PersonSerializer extends PassportSerializer {
  serializeUser(person: Person, done: (error: unknown, id?: string) => void) { done(null, person.id) }
  deserializeUser(id: string, done: (error: unknown, person?: Person | false) => void) {
    users.byId(id).then((person) => done(null, person ?? false), done)
  }
}

const LOGIN = Symbol('login')
type Login = Multistep<'local' | 'totp'>

// It injects the strategies, so that they are there when the policy is read.
const loginProvider = {
  provide: LOGIN,
  inject: [PasswordStrategy, AppCodeStrategy],
  useFactory: (): Login => multistep(passport, {
    steps: ['local', 'totp'],
    factors: { totp: { enrolled: (user) => Boolean((user as Person).totpKey) } },
    successRedirect: '/account',
  }),
}

/** `login.require(…)` as a guard. Where it refuses, it has answered: a page, or a problem in JSON. */
@Injectable()
class ProvenLately implements CanActivate {
  private readonly require: ReturnType<Login['require']>
  constructor(@Inject(LOGIN) login: Login) { this.require = login.require({ mfa: true, maxAge: '15m' }) }

  async canActivate(context: ExecutionContext) {
    const http = context.switchToHttp()
    const error = await new Promise<unknown>((next) => { this.require(http.getRequest(), http.getResponse(), next) })
    if (error !== undefined) throw error as Error
    return true
  }
}

@Controller('account')
class AccountController {
  @Get()
  account(@Req() req: Request) { return { id: (req.user as Person).id } }

  @Get('keys')
  @UseGuards(ProvenLately)
  keys() { return { keys: 'of the account' } }
}

@Module({
  imports: [PassportModule],
  controllers: [AccountController],
  providers: [PasswordStrategy, AppCodeStrategy, PersonSerializer, loginProvider, ProvenLately],
})
export class LoginModule implements NestModule {
  private readonly login: Login
  constructor(@Inject(LOGIN) login: Login) { this.login = login }

  // Middleware of a module runs behind Nest's body parsers; `app.use(…)` in main.ts would run in front of them.
  configure(consumer: MiddlewareConsumer) {
    const sessions = session({ secret: process.env.SESSION_SECRET ?? 'of your own', resave: false, saveUninitialized: false })
    consumer.apply(sessions, this.login.session()).forRoutes('/')
    consumer.apply(this.login.router()).forRoutes('/login')
    consumer.apply(this.login.require()).forRoutes(AccountController)
  }
}
