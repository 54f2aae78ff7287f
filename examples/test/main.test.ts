import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { readSettings } from '../src/settings.js'
import { describeWithRedis } from '../../test/support/redis.js'
import { endServers, runServer, startServer, type ServerProcess } from './support/server.js'
import { ownRedis } from './support/stores.js'
import { visitor } from './support/visitor.js'

const bash = promisify(execFile).bind(null, 'bash')
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const secret = 'x1'.repeat(16)

afterAll(endServers)

describe('the app, started', () => {
  let server: ServerProcess
  beforeAll(async () => { server = await startServer() })

  it('the app says at its start what is embedded, and prints its URL', async () => {
    expect(server.output()).toMatch(/Stores +embedded: the memory/)
    expect(server.output()).toMatch(/Texts +embedded: nothing is sent/)
    expect(server.output()).toMatch(/Operators +embedded: two simulated ones/)
    expect(server.output()).toMatch(/Secrets +embedded: new at each start/)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  it('the app refuses a port that is taken in one sentence', async () => {
    const { port } = new URL(server.url)
    const { code, output } = await runServer({ PORT: port })
    expect(code).toBe(1)
    expect(output).toContain(`Port ${port} is taken by another program.`)
    expect(output).not.toContain('    at ')
  })

  it('curl-session.sh logs in with its commands', async () => {
    const { stdout } = await bash([file('../curl-session.sh')], { env: { ...process.env, BASE: server.url } })
    expect(stdout).toMatch(new RegExp([
      '^1\\. .*', 'redirect', '{"authenticated":false,"user":null}',
      '2\\. .*', 'pending', '\\d{6}',
      '3\\. .*', 'complete', '{"user":{"id":"ada"},"amr":\\["pwd","sms","mfa"\\],"evidence":.*}', '$',
    ].join('\n')))
  })

  it('curl-session.sh stops with the answer when a step is refused', async () => {
    const other = await startServer()
    // The text of this login is Ada's only one for a while.
    await visitor(other.url).begin()
    await expect(bash([file('../curl-session.sh')], { env: { ...process.env, BASE: other.url } })).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^Refused: .*"code":"send_throttled"/m) })
    await other.end('SIGTERM')
  })

  it('the commands of the README log in', async () => {
    const readme = await readFile(file('../README.md'), 'utf8')
    const commands = /```bash\n(jar=[\s\S]*?)```/.exec(readme)![1]!
    const other = await startServer()
    const { stdout } = await bash(['-euc', commands.replaceAll('http://localhost:3000', other.url)], { env: process.env })
    expect(stdout).toContain('"status":"pending"')
    expect(stdout).toContain('{"user":{"id":"ada"},"amr":["pwd","sms","mfa"]')
    await other.end('SIGTERM')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('the app ends cleanly on %s, open event streams and all', async (signal) => {
    const other = await startServer()
    const stream = await fetch(`${other.url}/handset/events`)
    const ended = stream.text().catch(() => undefined)
    expect(await other.end(signal)).toMatchObject({ code: 0, signal: null })
    await ended
  })
})

describeWithRedis('the app, started with REDIS_URL', () => {
  it('the app with REDIS_URL says at its start what is real', async () => {
    const { url, prefix } = ownRedis()
    const server = await startServer({ REDIS_URL: url, REDIS_PREFIX: prefix })
    expect(server.output()).toContain(`Stores    real: Redis at ${new URL(url).host}`)
    expect(server.output()).toContain('made by the first process and kept in Redis')
    expect(await server.end('SIGTERM')).toMatchObject({ code: 0 })
  })

  it('the app with REDIS_URL takes secrets from the environment, and then keeps none in Redis', async () => {
    const { url, prefix } = ownRedis()
    const server = await startServer({ REDIS_URL: url, REDIS_PREFIX: prefix, SESSION_SECRET: secret, OTP_KEY: secret.toUpperCase(), NODE_ENV: 'production' })
    expect(server.output()).toContain('Secrets   real: from SESSION_SECRET and OTP_KEY')
    expect(await server.end('SIGTERM')).toMatchObject({ code: 0 })
  })
})

describe('the environment', () => {
  it('the environment of the app may be empty', () => {
    expect(readSettings({ PORT: '', REDIS_URL: '', TWILIO_FROM: '' })).toEqual({ port: 3000, secrets: {} })
  })

  it('the app trusts as many proxies as its environment says', () => {
    expect(readSettings({ TRUST_PROXY: '1' }).trustProxy).toBe(1)
    expect(readSettings({ TRUST_PROXY: 'loopback' }).trustProxy).toBe('loopback')
  })

  it.each([
    ['a port that is none', { PORT: 'http' }, /PORT is a number/],
    ['a port that is too high', { PORT: '65536' }, /PORT is a number/],
    ['a Redis that is none', { REDIS_URL: 'localhost:6379' }, /REDIS_URL begins with redis:/],
    ['a short session secret', { SESSION_SECRET: 'short' }, /SESSION_SECRET is too short/],
    ['a short key', { OTP_KEY: 'short' }, /OTP_KEY is too short/],
    ['a key of one character', { OTP_KEY: 'a'.repeat(40) }, /OTP_KEY can be guessed/],
    ['a session secret out of an example', { SESSION_SECRET: `${secret} Keyboard Cat` }, /SESSION_SECRET can be guessed/],
    ['half a sender of texts', { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_FROM: '+15005550006' }, /^TWILIO_AUTH_TOKEN is missing: give TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM all three, or none/],
    ['a third of one', { TWILIO_AUTH_TOKEN: 'token' }, /^TWILIO_ACCOUNT_SID and TWILIO_FROM are missing/],
    ['half an operator', { MOBILECONNECT_ISSUER: 'https://operator.example' }, /^MOBILECONNECT_CLIENT_ID and MOBILECONNECT_CLIENT_SECRET are missing/],
    ['an operator without an address', { MOBILECONNECT_ISSUER: 'operator', MOBILECONNECT_CLIENT_ID: 'a', MOBILECONNECT_CLIENT_SECRET: 'b' }, /MOBILECONNECT_ISSUER is the address/],
    ['an operator without TLS in production', { NODE_ENV: 'production', MOBILECONNECT_ISSUER: 'http://127.0.0.1', MOBILECONNECT_CLIENT_ID: 'a', MOBILECONNECT_CLIENT_SECRET: 'b' }, /begins with https:/],
    ['a level that nobody reaches', { MOBILECONNECT_LEVEL: '5' }, /MOBILECONNECT_LEVEL is 2/],
    ['countries that are none', { SMS_COUNTRIES: 'GB, Germany' }, /SMS_COUNTRIES lists/],
    ['an address with a path', { PUBLIC_URL: 'https://acme.example/app' }, /PUBLIC_URL is where browsers find this app/],
    ['a proxy that is none', { TRUST_PROXY: 'nonsense' }, /TRUST_PROXY is the number of proxies/],
    ['production that would keep its secrets in Redis', { NODE_ENV: 'production', REDIS_URL: 'redis://localhost', OTP_KEY: secret }, /give SESSION_SECRET and OTP_KEY/],
  ])('the app refuses in words an environment with %s', (_, env, words) => {
    expect(() => readSettings(env)).toThrow(words)
  })

  it('a mistake in the environment ends the start with its sentence alone', async () => {
    expect(await runServer({ PORT: 'http' })).toEqual({ code: 1, signal: null, output: 'PORT is a number from 0 to 65535, not http.\n' })
  })
})
