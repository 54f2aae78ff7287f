import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { totpCode } from '../src/handset/authenticator.js'
import { startProgram } from './support/single.js'
import { formsOf, reader } from './support/visitor.js'

const folder = join(__dirname, '..')
const guides = join(folder, '../docs/tutorials')
const pages = readdirSync(guides).map((file) => readFileSync(join(guides, file), 'utf8')).join('\n')

/** The diff that the tutorials show for a file. */
const shown = (mark: string): string => new RegExp(`<!-- tutorial ${mark} -->\n\`\`\`\\w+\n([^]*?)\`\`\``).exec(pages)![1]!

/** Each hunk must fit at exactly one place. */
function patch(text: string, diff: string): string {
  return diff.split(/^@@\n/m).reduce((changed, hunk) => {
    const lines = hunk.trimEnd().split('\n')
    const side = (sign: string) => lines.filter((line) => line === '' || ' '.concat(sign).includes(line[0]!)).map((line) => `${line.slice(1)}\n`).join('')
    const [before, after] = [side('-'), side('+')]
    expect([hunk, changed.split(before).length]).toEqual([hunk, 2])
    return changed.replace(before, () => after)
  }, text)
}

type Program = Awaited<ReturnType<typeof startProgram>>
const running = new Set<Program>()
afterEach(async () => {
  for (const one of running) await one.stop()
  running.clear()
})

/** The app as it was, or with the diffs of a tutorial. */
async function start(name: string, diffs: string[]): Promise<Program> {
  // Beside the example app, where its packages are found.
  const copy = join(folder, 'dist/tutorials', `${name}-${diffs.length}`)
  rmSync(copy, { recursive: true, force: true })
  cpSync(join(folder, 'tutorials', name), copy, { recursive: true })
  const file = join(copy, 'app.mjs')
  writeFileSync(file, diffs.reduce((text, mark) => patch(text, shown(mark)), readFileSync(file, 'utf8')))
  const program = await startProgram([file], { OTP_SECRET: '5q0Zr0Ck8mBqf2sJv7VwY3nH1xTtLd6R', SESSION_SECRET: 'PpX2r9u7sB4mZ8kQ' })
  running.add(program)
  return program
}

const before = (name: string) => start(name, [])
const after = (name: string) => start(name, [`${name}/app.mjs`])

/** What the login asks for after the first factor of a person without a number. */
async function enterNumberAndCode({ submit }: ReturnType<typeof reader>, program: Program): Promise<string> {
  await submit({ phone: '+44 7400 123456' })
  return submit({ code: await program.code() })
}

/** The usual order of a form's attributes, as the pages of multistep have them. */
const turned = (html: string): string => html.replace(/action="([^"]*)" method="post"/g, 'method="post" action="$1"')

describe('The files of the tutorials', () => {
  const finished: readonly (readonly [file: string, app: string, ...diffs: string[]])[] = [
    ['todos.mjs', 'todos', 'todos/app.mjs'],
    ['todos-authenticator.mjs', 'todos', 'todos/app.mjs', 'todos/app.mjs after add-a-texted-code'],
    ['members.mjs', 'members', 'members/app.mjs'],
    ['club.mjs', 'club', 'club/app.mjs'],
    ['flags.mjs', 'flags', 'flags/app.mjs'],
  ]

  it.each(finished)('the finished file %s of the tutorial app %s is what its diffs make of it', (file, app, ...diffs) => {
    const text = readFileSync(join(folder, 'tutorials', app, 'app.mjs'), 'utf8')
    expect(diffs.reduce((changed, mark) => patch(changed, shown(mark)), text)).toBe(readFileSync(join(folder, 'finished', file), 'utf8'))
    expect(pages).toContain(`](../../examples/finished/${file})`)
  })

  it('the tutorials link each file of their apps, so that a reader of the docs site can save them', () => {
    const files = readdirSync(join(folder, 'tutorials'), { recursive: true, encoding: 'utf8' }).filter((file) => /\.\w+$/.test(file))
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter((file) => !pages.includes(`](../../examples/tutorials/${file})`))).toEqual([])
  })
})

describe('The tutorial\'s app todos', () => {
  const password = { username: 'ada', password: 'lovelace' }

  it('the tutorial\'s app todos asks for the password alone, before it is changed', async () => {
    const { agent, open } = reader((await before('todos')).address)
    const [form] = formsOf(turned(await open('/login')))
    await agent.post(form!.action).type('form').send({ ...form!.fields, ...password })
    expect(await open('/')).toContain('Things to do for ada')
  })

  it('the tutorial\'s app todos asks for a number and a code after at most ten lines, and its routes are as they were', async () => {
    expect(shown('todos/app.mjs').match(/^\+./gm)!.length).toBeLessThanOrEqual(10)
    const program = await after('todos')
    const visitor = reader(program.address)
    expect(await visitor.open('/')).toContain('<h1>Log in</h1>')
    await visitor.submit(password)
    expect((await visitor.agent.get('/')).headers.location).toBe('/login')
    expect(await enterNumberAndCode(visitor, program)).toContain('Things to do for ada')
  })

  it('the tutorial\'s app todos texts the kept number at the next login', async () => {
    const program = await after('todos')
    const first = reader(program.address)
    await first.open('/login')
    await first.submit(password)
    await enterNumberAndCode(first, program)
    const second = reader(program.address)
    await second.open('/login')
    await second.submit(password)
    expect(await second.submit('/login/sms-otp/challenge')).toContain('•••456')
  })

  it('the old routes of the login of the tutorial\'s app todos are reached no more', async () => {
    const program = await after('todos')
    const visitor = reader(program.address)
    await visitor.open('/login')
    await visitor.submit(password)
    const [form] = formsOf(turned(await enterNumberAndCode(visitor, program)))
    const old = { ...form!.fields, username: 'grace', password: 'hopper' }
    expect((await visitor.agent.post('/login/password').type('form').send(old)).status).toBe(404)
    expect(await visitor.open('/')).toContain('Things to do for ada')
  })
})

describe('The tutorial\'s app todos, with an authenticator app', () => {
  const password = { username: 'ada', password: 'lovelace' }
  const steps = ['todos/app.mjs', 'todos/app.mjs after add-a-texted-code']

  it('the tutorial\'s app todos sets an authenticator app up behind both factors, and logs in by a text, by the app and by a recovery code', async () => {
    const program = await start('todos', steps)
    const visitor = reader(program.address)
    await visitor.open('/login')
    await visitor.submit(password)
    expect(await enterNumberAndCode(visitor, program)).toContain('Things to do for ada')
    await visitor.open('/login/totp/set-up')
    const page = await visitor.submit('/login/totp/set-up')
    const key = /secret=([A-Z2-7]{32})&/.exec(page)![1]!
    await visitor.submit({ code: totpCode(key, Date.now()) })
    await visitor.open('/login/recovery-codes')
    const codes = await visitor.submit('/login/recovery-codes')
    const recovery = /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(codes)![0]

    for (const [factor, code] of [['totp', () => totpCode(key, Date.now() + 30_000)], ['recovery-code', () => recovery]] as const) {
      const next = reader(program.address)
      await next.open('/login')
      await next.submit(password)
      await next.open(`/login?factor=${factor}`)
      expect(await next.submit({ code: code() })).toContain('Things to do for ada')
    }
  })

  it('the tutorial\'s app todos sets up nothing for a person with the password alone', async () => {
    const visitor = reader((await start('todos', steps)).address)
    await visitor.open('/login')
    await visitor.submit(password)
    for (const page of ['/login/totp/set-up', '/login/recovery-codes']) {
      expect((await visitor.agent.post(page).set('Accept', 'application/json').send({})).body.code).toBe('factor_required')
      expect((await visitor.agent.get(page).set('Accept', 'text/html')).headers.location).toBe('/login')
    }
  })
})

describe('The tutorial\'s app flags', () => {
  const password = { username: 'ada', password: 'lovelace' }

  it('the tutorial\'s app flags opens a route that forgot the second guard to a password alone, before it is changed', async () => {
    const { agent } = reader((await before('flags')).address)
    await agent.post('/login').type('form').send(password)
    expect((await agent.get('/')).headers.location).toBe('/login-otp')
    expect((await agent.get('/report')).text).toBe('Sales are up.')
  })

  it('the tutorial\'s app flags opens no route until the code was right', async () => {
    const program = await after('flags')
    const visitor = reader(program.address)
    await visitor.open('/login')
    await visitor.submit(password)
    expect((await visitor.agent.get('/report')).headers.location).toBe('/login')
    expect(await visitor.submit({ code: totpCode('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', Date.now()) })).toBe('Hello ada')
    expect((await visitor.agent.get('/report')).text).toBe('Sales are up.')
  })
})

describe('The tutorial\'s app members', () => {
  const password = { email: 'ada@example.org', password: 'lovelace' }

  it('the tutorial\'s app members asks for address and password alone, before it is changed', async () => {
    const { agent, open } = reader((await before('members')).address)
    await agent.post('/users/login').type('form').send(password)
    expect(await open('/dashboard')).toContain('Welcome Ada')
  })

  it('the tutorial\'s app members asks for a code too, behind the guard that flashes, with ids that are objects', async () => {
    const program = await after('members')
    const visitor = reader(program.address)
    expect(await visitor.open('/dashboard')).toContain('Email')
    await visitor.submit(password)
    expect((await visitor.agent.get('/dashboard')).headers.location).toBe('/users/login')
    expect(await enterNumberAndCode(visitor, program)).toContain('Welcome Ada')
    await visitor.open('/users/logout')
    expect((await visitor.agent.get('/dashboard')).headers.location).toBe('/users/login')
  })
})

describe('The tutorial\'s app club', () => {
  it('the tutorial\'s app club lets its three ways in pass without a code, before it is changed', async () => {
    const { address } = await before('club')
    const [local, social, fresh] = [reader(address), reader(address), reader(address)]
    await local.agent.post('/login').type('form').send({ username: 'ada', password: 'lovelace' })
    expect(await local.open('/')).toContain('Hello ada')
    await follow(social.agent, '/auth/github', address)
    expect(await social.open('/')).toContain('Hello ada')
    await fresh.agent.post('/sign-up').type('form').send({ username: 'grace', password: 'hopper' })
    expect(await fresh.open('/')).toContain('Hello grace')
  })

  it('the tutorial\'s app club asks for a code after a password', async () => {
    const program = await after('club')
    const visitor = reader(program.address)
    await visitor.open('/login')
    await visitor.submit({ username: 'ada', password: 'lovelace' })
    expect(await enterNumberAndCode(visitor, program)).toContain('Hello ada')
  })

  it('the tutorial\'s app club asks for a code after GitHub', async () => {
    const program = await after('club')
    const visitor = reader(program.address)
    await follow(visitor.agent, '/auth/github', program.address)
    expect((await visitor.agent.get('/')).text).toContain('href="/login"')
    await visitor.open('/login')
    expect(await enterNumberAndCode(visitor, program)).toContain('Hello ada')
  })

  it('the tutorial\'s app club asks for a code after a sign-up', async () => {
    const program = await after('club')
    const visitor = reader(program.address)
    await visitor.agent.post('/sign-up').set('Sec-Fetch-Site', 'same-origin').type('form').send({ username: 'grace', password: 'hopper' })
    expect((await visitor.agent.get('/')).text).toContain('href="/login"')
    await visitor.open('/login')
    expect(await enterNumberAndCode(visitor, program)).toContain('Hello grace')
  })
})

/** As a browser does that begins on a page of the app: redirects, to the stand-in and back. */
async function follow(agent: ReturnType<typeof reader>['agent'], path: string, address: string): Promise<void> {
  const { headers } = await agent.get(path).set('Accept', 'text/html').set('Sec-Fetch-Site', 'same-origin').set('Sec-Fetch-Mode', 'navigate')
  if (headers.location === undefined) return
  const { pathname, search } = new URL(headers.location, address)
  await follow(agent, pathname + search, address)
}

it('every app of the tutorials is run', () => {
  expect(readdirSync(join(folder, 'tutorials')).sort()).toEqual(['club', 'flags', 'members', 'todos'])
})
