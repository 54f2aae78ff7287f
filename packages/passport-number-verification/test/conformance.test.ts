import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Simulator } from 'mobileconnect-simulator'
import { faultsOfAnswer, faultsOfRequest, fixtures, type PublishedOperation } from '../../mobileconnect-simulator/test/support/published-api.js'
import { ada, addressOf, answeringAt, providerOf, startApp, startOperators, type App, type AppOptions } from './support/app.js'

const operations: Record<'verify' | 'read', PublishedOperation> = {
  verify: { document: 'number-verification', operationId: 'phoneNumberVerify', method: 'POST', path: '/number-verification/v2/verify' },
  read: { document: 'number-verification', operationId: 'phoneNumberShare', method: 'GET', path: '/number-verification/v2/device-phone-number' },
}

/** The errors that the published scenarios of Number Verification list. */
const folder = join(fixtures, 'features')
const features = readdirSync(folder).filter((name) => name.startsWith('number-verification'))
const listed = [...new Set(features.flatMap((name) => {
  const text = readFileSync(join(folder, name), 'utf8')
  return [...text.matchAll(/status code is "?([45]\d\d)"?\n[\s\S]*?"\$\.code" is "([\w.]+)"/g)].map(([, status, code]) => `${status} ${code}`)
}))].map((text): [number, string] => [Number(text.split(' ')[0]), text.split(' ')[1]!])

describe('by the published documents of CAMARA Number Verification', () => {
  let sim: Simulator
  let app: App
  beforeAll(async () => {
    sim = await startOperators()
    sim.handset(ada).network('mobile')
  })
  afterAll(() => sim.close())
  afterEach(() => app.close())

  const logIn = async (options: AppOptions & Parameters<typeof startApp>[0]) => {
    app = await startApp(options)
    const tab = app.tab()
    await tab.as('ada')
    return tab.logIn()
  }

  it.each([['verify', false], ['verify', true], ['read', false]] as const)(
    'our request and the operator\'s answer have no fault, in mode %s and with the digest of the number: %p (Q-40)', async (mode, hashed) => {
      const faults: unknown[] = []
      const seen: string[][] = []
      const operation = operations[mode]
      const calls: { url: URL, init: RequestInit, response: Response }[] = []
      const watched: typeof fetch = async (url, init) => {
        const response = await fetch(url, init)
        calls.push({ url: new URL(addressOf(url)), init: init ?? {}, response: response.clone() })
        return response
      }
      expect((await logIn({ provider: providerOf(sim, { hashed }), mode, fetch: watched })).status).toBe(200)
      for (const { url, init, response } of calls.filter(({ url: { pathname } }) => pathname.includes('/number-verification/'))) {
        expect([url.href, init.method]).toEqual([sim.camara.apiRoot + operation.path, operation.method])
        const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined
        seen.push(Object.keys(body ?? {}))
        const headers = Object.fromEntries(new Headers(init.headers as Record<string, string>))
        faults.push(...await faultsOfRequest(operation, { headers, ...body !== undefined && { body } }))
        const { status, headers: answered } = response
        faults.push(...await faultsOfAnswer(operation, { status, headers: answered, body: await response.json() }))
      }
      expect(faults).toEqual([])
      // No member beside the published one: later versions refuse others.
      const verified = hashed ? 'hashedPhoneNumber' : 'phoneNumber'
      expect(seen).toEqual([mode === 'verify' ? [verified] : []])
    })

  it('the scenarios list errors, which are read here', () => {
    expect(listed.length).toBeGreaterThanOrEqual(4)
  })

  it.each(listed)('our client meets the error %i %s: nobody is logged in, nobody is counted, and the outcome has a code (Q-40)', async (status, code) => {
    for (const mode of ['verify', 'read'] as const) {
      const answer = await logIn({
        provider: providerOf(sim), mode,
        fetch: answeringAt('/number-verification/', async () => Response.json({ status, code, message: 'As published.' }, { status })),
      })
      const told = answer.body.info?.code ?? answer.body.error?.code
      expect([answer.status, told]).not.toContain(401)
      expect(['unavailable', 'provider_misconfigured', 'provider_failed']).toContain(told)
      if (mode === 'verify') await app.close()
    }
  })
})
