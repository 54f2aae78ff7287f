import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProgram } from './support/single.js'
import { formsOf, reader } from './support/visitor.js'

const folder = join(__dirname, '..')
const page = readFileSync(join(folder, '../docs/tutorials/add-a-texted-code.md'), 'utf8')

/** The diff that the tutorial shows for a file. */
const diffOf = (path: string): string => new RegExp(`<!-- tutorial ${path} -->\n\`\`\`diff\n([^]*?)\`\`\``).exec(page)![1]!

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

/** The app as it was, or with the diff of the tutorial. */
async function start(name: string, { isChanged }: { isChanged: boolean }): Promise<Program> {
  // Beside the example app, where its packages are found.
  const copy = join(folder, 'dist/tutorials', `${name}-${isChanged ? 'after' : 'before'}`)
  rmSync(copy, { recursive: true, force: true })
  cpSync(join(folder, 'tutorials', name), copy, { recursive: true })
  const file = join(copy, 'app.mjs')
  if (isChanged) writeFileSync(file, patch(readFileSync(file, 'utf8'), diffOf(`${name}/app.mjs`)))
  const program = await startProgram([file], { OTP_SECRET: '5q0Zr0Ck8mBqf2sJv7VwY3nH1xTtLd6R', SESSION_SECRET: 'PpX2r9u7sB4mZ8kQ' })
  running.add(program)
  return program
}

const before = (name: string) => start(name, { isChanged: false })
const after = (name: string) => start(name, { isChanged: true })

/** What the login asks for after the first factor of a person without a number. */
async function enterNumberAndCode({ submit }: ReturnType<typeof reader>, program: Program): Promise<string> {
  await submit({ phone: '+44 7400 123456' })
  return submit({ code: await program.code() })
}

/** The usual order of a form's attributes, as the pages of multistep have them. */
const turned = (html: string): string => html.replace(/action="([^"]*)" method="post"/g, 'method="post" action="$1"')

describe('The tutorial\'s app todos', () => {
  const password = { username: 'ada', password: 'lovelace' }

  it('asks for the password alone, before', async () => {
    const { agent, open } = reader((await before('todos')).address)
    const [form] = formsOf(turned(await open('/login')))
    await agent.post(form!.action).type('form').send({ ...form!.fields, ...password })
    expect(await open('/')).toContain('Things to do for ada')
  })

  it('asks for a number and a code after at most ten lines, and its routes are as they were', async () => {
    expect(diffOf('todos/app.mjs').match(/^\+./gm)!.length).toBeLessThanOrEqual(10)
    const program = await after('todos')
    const visitor = reader(program.address)
    expect(await visitor.open('/')).toContain('<h1>Log in</h1>')
    await visitor.submit(password)
    expect((await visitor.agent.get('/')).headers.location).toBe('/login')
    expect(await enterNumberAndCode(visitor, program)).toContain('Things to do for ada')
  })

  it('texts the kept number at the next login', async () => {
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

  it('reaches the old routes of the login no more', async () => {
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

describe('The tutorial\'s app members', () => {
  const password = { email: 'ada@example.org', password: 'lovelace' }

  it('asks for address and password alone, before', async () => {
    const { agent, open } = reader((await before('members')).address)
    await agent.post('/users/login').type('form').send(password)
    expect(await open('/dashboard')).toContain('Welcome Ada')
  })

  it('asks for a code too, behind the guard that flashes, with ids that are objects', async () => {
    const program = await after('members')
    const visitor = reader(program.address)
    await visitor.open('/dashboard')
    await visitor.submit(password)
    expect((await visitor.agent.get('/dashboard')).headers.location).toBe('/users/login')
    expect(await enterNumberAndCode(visitor, program)).toContain('Welcome Ada')
    await visitor.open('/users/logout')
    expect((await visitor.agent.get('/dashboard')).headers.location).toBe('/users/login')
  })
})

describe('The tutorial\'s app club', () => {
  it('lets its three ways in pass without a code, before', async () => {
    const { address } = await before('club')
    const [local, social, fresh] = [reader(address), reader(address), reader(address)]
    await local.agent.post('/login').type('form').send({ username: 'ada', password: 'lovelace' })
    expect(await local.open('/')).toContain('Hello ada')
    await follow(social.agent, '/auth/github', address)
    expect(await social.open('/')).toContain('Hello ada')
    await fresh.agent.post('/sign-up').type('form').send({ username: 'grace', password: 'hopper' })
    expect(await fresh.open('/')).toContain('Hello grace')
  })

  it('asks for a code after a password', async () => {
    const program = await after('club')
    const visitor = reader(program.address)
    await visitor.open('/login')
    await visitor.submit({ username: 'ada', password: 'lovelace' })
    expect(await enterNumberAndCode(visitor, program)).toContain('Hello ada')
  })

  it('asks for a code after GitHub', async () => {
    const program = await after('club')
    const visitor = reader(program.address)
    await follow(visitor.agent, '/auth/github', program.address)
    expect((await visitor.agent.get('/')).text).toContain('href="/login"')
    await visitor.open('/login')
    expect(await enterNumberAndCode(visitor, program)).toContain('Hello ada')
  })

  it('asks for a code after a sign-up', async () => {
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
  expect(readdirSync(join(folder, 'tutorials')).sort()).toEqual(['club', 'members', 'todos'])
})
