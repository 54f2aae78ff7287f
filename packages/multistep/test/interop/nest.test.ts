import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Controller, Get, Module, UseGuards, type INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { AuthGuard } from '@nestjs/passport'
import request, { type Response } from 'supertest'
import { people } from '../support/app.js'
import { codeOf } from '../support/totp.js'
import { LoginModule } from './nest/login.module.js'

/** What an app had before: a guard of Passport's own on a factor. */
@Controller('old')
class OldController {
  @Get() @UseGuards(AuthGuard('local'))
  old() { return { in: true } }
}

@Module({ imports: [LoginModule], controllers: [OldController] })
class AppModule {} // eslint-disable-line @typescript-eslint/no-extraneous-class -- a module of Nest is its decorator

let app: INestApplication
beforeAll(async () => {
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  app = await NestFactory.create(AppModule, { logger: false })
  await app.init()
})
afterAll(async () => {
  await app.close()
  jest.restoreAllMocks()
})

function browser() {
  const agent = request.agent(app.getHttpServer())
  const post = async (path: string, body: object): Promise<Response> => agent.post(path).send(body)
  return {
    post,
    get: async (path: string, accept = 'application/json'): Promise<Response> => agent.get(path).set('Accept', accept),
    password: async (name = 'ada', password = people()[name]!.password) => post('/login/local', { username: name, password }),
  }
}

describe('an app of NestJS, as docs/recipes.md shows it', () => {
  it('the code in docs/recipes.md is the code that runs here', () => {
    const [, imports = '', shown = ''] = /^(import \{ users.*\n)([\s\S]*)$/.exec(readFileSync(join(__dirname, 'nest/login.module.ts'), 'utf8')) ?? []
    expect(imports).toContain('./users.js')
    expect(readFileSync(join(__dirname, '../../../../docs/recipes.md'), 'utf8')).toContain(`\`\`\`ts\n${shown}\`\`\`\n`)
  })

  it('the NestJS app takes both factors by strategies of the PassportStrategy mixin, and no user is logged in between (F-01)', async () => {
    const ada = browser()
    expect((await ada.password()).body).toMatchObject({ status: 'pending', completed: [{ factor: 'local' }] })
    expect((await ada.get('/account')).body).toMatchObject({ status: 401, code: 'factor_required' })
    expect((await ada.post('/login/totp', { code: codeOf('key-of-ada-1815') })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'otp', 'mfa'] })
    expect((await ada.get('/account')).body).toEqual({ id: 'u1' })
  })

  it('the NestJS app sends a browser to the login page and back, by a middleware of the module', async () => {
    const ada = browser()
    expect(await ada.get('/account', 'text/html')).toMatchObject({ status: 303, headers: { location: '/login' } })
    expect((await ada.get('/login', 'text/html')).text).toContain('name="password"')
    await ada.password()
    await ada.post('/login/totp', { code: codeOf('key-of-alan-1912') })
    expect((await ada.get('/account')).status).toBe(401)
  })

  it('a NestJS guard by require() refuses a user who has not proven enough, and answers once', async () => {
    const stranger = browser()
    expect((await stranger.get('/account/keys')).body).toMatchObject({ code: 'login_required' })
    const ada = browser()
    await ada.password()
    await ada.post('/login/totp', { code: codeOf('key-of-ada-1815', 30) })
    expect((await ada.get('/account/keys')).body).toEqual({ keys: 'of the account' })
  })

  it('an UnauthorizedException of validate() counts as a failed attempt, up to the lock (N-01)', async () => {
    const guesser = browser()
    const answers: unknown[] = []
    for (let guess = 0; guess < 11; guess += 1) answers.push((await guesser.password('alan', `guess ${guess}`)).body.code)
    expect(answers).toEqual([...Array<string>(10).fill('factor_failed'), 'factor_locked'])
    expect((await browser().password('alan')).body).toMatchObject({ code: 'factor_locked' })
  })

  it('AuthGuard of a factor is refused, which would be a way around the other factor', async () => {
    expect((await browser().get('/old?username=ada&password=lovelace-1815')).status).toBe(500)
  })
})
