import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { CreateProvider, NetworkWay } from 'passport-number-verification'
import { acme } from './support/aggregator.js'
import { ada, bob, startApp, type App } from './support/app.js'

/** An aggregator of nobody's: it makes a check, sees the phone at an address of its own, and tells what it saw. */
async function startAggregator(numberOfPhone: string | undefined) {
  const checks = new Map<string, { phone: string, back: string, verdict: string }>()
  const server = createServer((req, res) => {
    const [, , id = ''] = (req.url ?? '').split('/')
    const check = checks.get(id)
    if (req.method === 'POST') {
      req.on('data', (chunk: Buffer) => {
        const { phone, return_to: back } = JSON.parse(String(chunk)) as { phone: string, return_to: string }
        checks.set('1', { phone, back, verdict: 'unknown' })
        res.setHeader('content-type', 'application/json')
        res.end(JSON.stringify({ id: '1', url: `${base}/phone/1` }))
      })
      return
    }
    if (req.url?.startsWith('/phone/') && check) {
      if (numberOfPhone !== undefined) check.verdict = check.phone === numberOfPhone ? 'same' : 'other'
      res.writeHead(302, { location: check.back }).end()
      return
    }
    res.writeHead(check ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify({ verdict: check?.verdict }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { base, close }
}

describe('a provider of an app\'s own', () => {
  let app: App | undefined
  afterEach(async () => {
    await app?.close()
    app = undefined
  })
  const logIn = async (provider: CreateProvider) => {
    app = await startApp({ provider })
    const tab = app.tab()
    await tab.as('ada')
    return tab.logIn()
  }

  it.each([[ada, 200, undefined], [bob, 401, 'person_mismatch'], [undefined, 403, 'unavailable']])(
    'a provider of thirty lines ends the login of the phone that its aggregator sees: %s is %i (Q-24)', async (seen, status, code) => {
      const aggregator = await startAggregator(seen)
      const answer = await logIn(acme('key', aggregator.base))
      expect([answer.status, answer.body.info?.code]).toEqual([status, code])
      await aggregator.close()
    })

  it('a provider of an app\'s own is what the README shows, in thirty lines without the lines of its types (Q-24)', () => {
    const file = readFileSync(join(__dirname, 'support/aggregator.ts'), 'utf8')
    const readme = readFileSync(join(__dirname, '../README.md'), 'utf8')
    expect(readme).toContain(`\`\`\`ts\n${file}\`\`\``)
    expect(file.slice(file.indexOf('export const acme')).trimEnd().split('\n').length).toBeLessThanOrEqual(30)
  })

  const way = (answer: unknown): CreateProvider => () => ({
    id: 'https://acme.example',
    network: {
      begin: async (_, { state, redirectUri }) => ({ status: 'leave', url: `${redirectUri}?state=${state}` }),
      end: async () => answer,
    } as NetworkWay,
  })

  // The address that the browser is sent to is the callback itself.
  const answered = async (answer: unknown, mode: 'verify' | 'read' = 'verify') => {
    app = await startApp({ provider: way(answer), mode })
    const tab = app.tab()
    await tab.as('ada')
    return tab.send((await tab.begin()).location!)
  }

  it.each([
    [{ status: 'read', phone: ada }], [{ status: 'unavailable', reason: 'because' }], [{ status: 'unavailable' }], [{}], [undefined],
    [null], [true], ['matches'],
  ])('a provider is not believed when it answers %j to the question whether a number matches (Q-25)', async (answer) => {
    expect(await answered(answer)).toMatchObject({ status: 502, body: { error: { code: 'provider_answer_invalid' } } })
  })

  it.each([[{ status: 'matches' }], [{ status: 'read' }], [{ status: 'read', phone: '447700900001' }], [{ status: 'read', phone: [ada] }]])(
    'a provider is not believed when it answers %j to the question for the number (Q-25)', async (answer) => {
      expect(await answered(answer, 'read')).toMatchObject({ status: 502, body: { error: { code: 'provider_answer_invalid' } } })
    })

  it('a provider that throws has failed, and what it said goes to the log alone', async () => {
    const broken: CreateProvider = () => ({
      id: 'https://acme.example',
      network: { begin: () => { throw new Error(`no credit for ${ada}`) }, end: async () => ({ status: 'matches' }) },
    })
    const answer = await logIn(broken)
    expect(answer).toMatchObject({ status: 502, body: { error: { code: 'provider_failed' } } })
    expect(JSON.stringify(answer.body)).not.toContain('credit')
    expect(app!.errors[0].cause.message).toBe('no credit for +•••••••••001')
  })
})
