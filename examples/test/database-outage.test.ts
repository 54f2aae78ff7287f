import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { whileLocked } from '../../test/support/locked-file.js'
import { loopbackProxy, type LoopbackProxy } from '../../test/support/loopback-proxy.js'
import { ask, describeWithPostgres, startPostgres, startReplica } from '../../test/support/postgres.js'
import type { DatabaseServer } from '../../test/support/server-process.js'
import { createApp } from '../src/app.js'
import { adaPhone, visitor } from './support/visitor.js'

jest.mock('better-sqlite3', () => jest.requireActual('libsql'), { virtual: true })

const within3s = 3000

/** The app with this database, and a user between the two steps with the code at hand. */
async function halfWay(database: string, log: string[] = []) {
  const { app, close } = await createApp({ database: { url: database }, log: (line) => log.push(line) })
  const server = app.listen(0)
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ada = visitor(url)
  await ada.begin()
  const code = await ada.texted(adaPhone)
  return {
    ada, code, url,
    end: async () => {
      server.close()
      server.closeAllConnections()
      await close()
    },
  }
}

type HalfWay = Awaited<ReturnType<typeof halfWay>>

async function expectRefusals({ ada, code }: HalfWay): Promise<void> {
  const answers = await Promise.all([
    ...['/account', '/transfer', '/settings', '/login', '/healthz'].map((path) => ada.get(path).timeout(within3s)),
    ada.post('/login/local', { username: 'ada', password: 'lovelace-1815' }).timeout(within3s),
    ada.post('/login/sms-otp', { code }).timeout(within3s),
    ada.post('/login/sms-otp/challenge').timeout(within3s),
  ])
  for (const { status, headers, body } of answers) {
    expect([status, body.code]).toEqual([503, 'store_unavailable'])
    expect(headers['retry-after']).toBe('1')
  }
}

/** What would log a user in or send a text is refused in time. */
async function expectNoWrites({ ada, code }: HalfWay): Promise<void> {
  const answers = await Promise.all([
    ada.post('/login/sms-otp', { code }).timeout(within3s),
    ada.post('/login/local', { username: 'ada', password: 'lovelace-1815' }).timeout(within3s),
  ])
  expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [503, 'store_unavailable']))
  // A database that can be read may still say that it is too early for another text.
  const { status } = await ada.post('/login/sms-otp/challenge').timeout(within3s)
  expect([429, 503]).toContain(status)
}

/** The texts that were sent, when the database is there again. */
const texts = async ({ ada }: HalfWay) => (await ada.get('/handset/messages')).body as unknown[]

async function expectLogin(person: HalfWay): Promise<void> {
  const { ada, code } = person
  for (const until = Date.now() + 20_000; (await ada.get('/healthz')).status !== 200 && Date.now() < until;) await new Promise((resolve) => setTimeout(resolve, 100))
  expect(await texts(person)).toHaveLength(1)
  expect((await ada.get('/account')).status).toBe(401)
  expect((await ada.post('/login/sms-otp', { code })).body).toMatchObject({ status: 'complete' })
}

describeWithPostgres('with a PostgreSQL that', () => {
  let server: DatabaseServer
  let person: HalfWay
  beforeEach(async () => {
    server = await startPostgres()
    person = await halfWay(server.url)
  })
  afterEach(async () => {
    await person.end().catch(() => undefined)
    await server.close()
  })

  it('when PostgreSQL is gone, every request is answered with 503 within 3 seconds, and all works when it is back (X-01)', async () => {
    await server.stop()
    await expectRefusals(person)
    await server.restart()
    await expectLogin(person)
  })

  it('when PostgreSQL is silent, every request is answered with 503 within 3 seconds, and all works when it goes on (X-02)', async () => {
    server.signal('SIGSTOP')
    await expectRefusals(person)
    server.signal('SIGCONT')
    // What it was asked before may be done late: the code may be counted as used, and nobody was told so.
    await person.ada.begin()
    const [, ...later] = await texts(person)
    expect(later.length).toBeLessThanOrEqual(2)
  })

  it('when PostgreSQL may only be read, passwords and codes are answered with 503, and nobody is logged in (X-05)', async () => {
    await ask(server.url, 'ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()')
    await new Promise((resolve) => setTimeout(resolve, 500))
    await expectNoWrites(person)
    await ask(server.url, 'ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()')
    await expectLogin(person)
  })

  it('when PostgreSQL ends all connections, the next requests are answered', async () => {
    await ask(server.url, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = \'client backend\'')
    await expectLogin(person)
  })

  it('when PostgreSQL says that its disk is full, passwords and codes are answered with 503, and nobody is logged in', async () => {
    await ask(server.url, `CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END$$`,
    'CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON auth_documents EXECUTE FUNCTION no_room()')
    await expectNoWrites(person)
    await ask(server.url, 'DROP TRIGGER no_room ON auth_documents')
    await expectLogin(person)
  })
})

describeWithPostgres('with a PostgreSQL behind a proxy that', () => {
  let [server, proxy] = [] as unknown as [DatabaseServer, LoopbackProxy]
  let person: HalfWay
  beforeEach(async () => {
    server = await startPostgres()
    proxy = await loopbackProxy(server.url)
  })
  afterEach(async () => {
    await person.end().catch(() => undefined)
    await proxy.close()
    await server.close()
  })

  it('when PostgreSQL fails over to a replica, requests are answered with 503 within 3 seconds meanwhile, and nothing is lost', async () => {
    const replica = await startReplica(server)
    person = await halfWay(proxy.url)
    await server.stop()
    await expectRefusals(person)
    // The proxy is faster than the replica, which may only be read yet.
    proxy.turnTo(replica.port)
    await expectNoWrites(person)
    await ask(replica.url, 'SELECT pg_promote()')
    await expectLogin(person)
    await person.end()
    await replica.close()
  })

  it('when PostgreSQL is slower than our deadline, requests are answered with 503 within 3 seconds, late answers log nobody in, and all works when it is fast again (X-02)', async () => {
    person = await halfWay(proxy.url)
    proxy.delay(2000)
    await expectNoWrites(person)
    proxy.delay(0)
    await proxy.idle()
    expect((await person.ada.get('/account')).status).toBe(401)
    expect((await person.ada.get('/handset/messages')).body).toHaveLength(1)
  })
})

describe('with a file of SQLite that another process has locked', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('when another process has locked the SQLite file, requests are answered with 503 within 3 seconds, the process serves others meanwhile, and all works afterwards (X-02)', async () => {
    const file = join(folder, 'acme.db')
    const person = await halfWay(`file:${file}`)
    const { longest } = await whileLocked(Libsql, file, () => expectNoWrites(person))
    expect(longest).toBeLessThan(1000)
    await expectLogin(person)
    await person.end()
  })
})
