import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createClient } from 'redis'
import { describeWithRedis, startRedisServer, type RedisServer } from '../../test/support/redis.js'
import { createApp } from '../src/app.js'
import { adaPhone, visitor } from './support/visitor.js'

const paths = ['/', '/login', '/account', '/transfer', '/settings', '/handset', '/handset/messages', '/legacy/session', '/legacy/report', '/healthz'] as const

describeWithRedis('with a Redis that goes away', () => {
  let redis: RedisServer
  const open: (() => Promise<unknown>)[] = []
  let url: string
  let log: string[]
  let tell: (line: string) => void

  beforeEach(async () => {
    redis = await startRedisServer()
    open.push(() => redis.close())
    log = []
    tell = (line) => log.push(line)
    const { app, close } = await createApp({ redis: { url: redis.url }, log: (line) => tell(line) })
    open.push(close)
    const server = app.listen(0)
    open.push(() => new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    }))
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close()
  })

  const logged = (words: string): Promise<void> => new Promise((resolve) => {
    const before = tell
    tell = (line) => {
      before(line)
      if (line.includes(words)) resolve()
    }
  })

  /**
   * Ada between the two steps, with her code. A busy machine may answer Redis late, and the app then refuses with 503:
   * so she tries again, as the answer says.
   */
  const halfWay = async () => {
    for (;;) {
      const ada = visitor(url)
      const { status } = await ada.begin()
      if (status !== 503) return { ada, code: await ada.texted(adaPhone) }
    }
  }

  // supertest gives up after these milliseconds, and the test fails.
  const within3s = 3000

  async function expectRefusals({ ada, code }: Awaited<ReturnType<typeof halfWay>>): Promise<void> {
    const answers = await Promise.all([
      ...paths.map((path) => ada.get(path).timeout(within3s)),
      ada.post('/login/local', { username: 'ada', password: 'lovelace-1815' }).timeout(within3s),
      ada.post('/login/sms-otp', { code }).timeout(within3s),
      ada.post('/login/sms-otp/challenge').timeout(within3s),
      ada.post('/logout').timeout(within3s),
    ])
    for (const { status, headers, body } of answers) {
      expect(status).toBe(503)
      expect(headers['content-type']).toMatch('application/problem+json')
      expect(headers['retry-after']).toBe('1')
      expect(body).toMatchObject({ code: 'store_unavailable', status: 503 })
    }
  }

  it('a Redis that stops makes every request a 503 within 3 seconds, and the app works again when it is back (X-01)', async () => {
    const person = await halfWay()
    const gone = logged('does not answer')
    await redis.stop()
    await gone
    await expectRefusals(person)
    expect((await visitor(url).get('/')).status).toBe(503)

    const back = logged('Redis is back.')
    await redis.restart()
    await back
    expect((await visitor(url).get('/handset/messages')).body).toEqual([])
    const { ada, code } = await halfWay()
    expect((await ada.post('/login/sms-otp', { code })).body).toMatchObject({ status: 'complete' })
    expect((await ada.get('/healthz')).status).toBe(200)
    expect(log.map((line) => line.slice(0, 8))).toEqual(['Redis at', 'Redis is'])
  })

  it('a silent Redis makes every request a 503 within 3 seconds', async () => {
    const person = await halfWay()
    const other = createClient({ url: redis.url })
    await other.connect()
    await other.sendCommand(['CLIENT', 'PAUSE', '60000', 'ALL'])
    await expectRefusals(person)
    other.destroy()
  })

  it('a Redis that stops is told to browsers on a page', async () => {
    const gone = logged('does not answer')
    await redis.stop()
    await gone
    const page = await visitor(url).agent.get('/account').set('Accept', 'text/html')
    expect(page.status).toBe(503)
    expect(page.text).toContain('<h1>Service Unavailable</h1>')
    expect(page.text).not.toMatch(/ECONN|at .*\.js/)
  })
})
