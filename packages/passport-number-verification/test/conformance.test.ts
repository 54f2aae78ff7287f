import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Simulator } from 'mobileconnect-simulator'
import { fixtures } from '../../mobileconnect-simulator/test/support/published-api.js'
import { ada, answeringAt, providerOf, startApp, startOperators, type App, type AppOptions } from './support/app.js'

/** The errors that the published scenarios of Number Verification list. */
const folder = join(fixtures, 'features')
const features = readdirSync(folder).filter((name) => name.startsWith('number-verification'))
const listed = [...new Set(features.flatMap((name) => {
  const text = readFileSync(join(folder, name), 'utf8')
  return [...text.matchAll(/status code is "?([45]\d\d)"?\n[\s\S]*?"\$\.code" is "([\w.]+)"/g)].map(([, status, code]) => `${status} ${code}`)
}))].map((text): [number, string] => [Number(text.split(' ')[0]), text.split(' ')[1]!])

it('the published scenarios of Number Verification list errors, which are read here', () => {
  expect(listed.length).toBeGreaterThanOrEqual(4)
})

// That each request is as published shows Prism, in test/published-apis.test.ts.
describe('a login by the network, where CAMARA\'s operator answers with a published error', () => {
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

  it.each(listed)('a login by the network meets %i %s: nobody is logged in, nobody is counted, and the outcome has a code (Q-40)', async (status, code) => {
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
