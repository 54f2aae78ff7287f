import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import express5 from 'express'
import express4 from 'express4'
import { allowInsecureRequests, discovery } from 'openid-client'
import { Passport as Passport07 } from 'passport'
import { Passport as Passport06 } from 'passport06'
import type { Strategy } from 'passport-strategy'
import type { FactorOptions } from '../../src/index.js'
import { buildApp, people, pin, Scripted, type Person, type Versions } from '../support/app.js'
import { directory } from '../support/directory.js'
import { device } from '../support/factors.js'
import { openIdProvider } from '../support/provider.js'
import { socialProvider } from '../support/social-provider.js'
import { visitor, type Manner } from '../support/visitor.js'
import { compatibilityPage } from './compatibility-page.js'
import { redirectUris } from './strategies/federated.js'
import { tried } from './strategies/index.js'
import { client } from './strategies/social.js'
import type { Providers, Tried } from './strategies/tried.js'

// Each row of the page is run here, on every ground that the README promises at its edges.
const page = join(__dirname, '../../../../docs/compatibility.md')

const versionOf = (name: string): string => {
  const folder = join(__dirname, '../../../../node_modules', name)
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version
}

const grounds: readonly Versions[] = [{ express: express5, Passport: Passport07 }, { express: express4, Passport: Passport06 }]

let providers: Providers
beforeAll(async () => {
  // What a policy of two factors lacks for those who lose one is told at start-up; here it is no matter.
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const openId = await openIdProvider(redirectUris)
  const { issuer, client: { client_id: id, client_secret: secret } } = openId
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so that nobody overlooks it; this provider is on loopback
  const configuration = await discovery(new URL(issuer), id, secret, undefined, { execute: [allowInsecureRequests] })
  providers = { openId, configuration, social: await socialProvider(client), directory: await directory(people()) }
})
afterAll(async () => {
  await Promise.all([providers.openId.close(), providers.social.close(), providers.directory.close()])
  jest.restoreAllMocks()
})

type Place = 'first' | 'second'

/** The first factor, where a strategy is tried as the second one: it says who a person is. */
const door = (users: Record<string, Person>) => new Scripted('door', function (req) { this.success(users[req.body.name]) })
const doorOptions: FactorOptions = { kind: 'knowledge', fields: ['name'], account: (req) => req.body.name }

/** Visitors of an app with this strategy in this place, as far as its turn. */
function setup(one: Tried, place: Place, versions: Versions, manner: Manner) {
  const users = Object.fromEntries(Object.entries(people()).map(([name, person]) => [name, { ...person, keys: ['one'] }]))
  const { strategy, routes, prove, forge } = one.use(users, providers)
  passportName(strategy, one.factor)
  const { app } = buildApp<string>({
    users,
    versions,
    strategies: [strategy, door(users), pin()],
    options: place === 'first'
      ? { steps: [one.factor, 'pin'], factors: { [one.factor]: one.declared, pin: device } }
      : { steps: ['door', one.factor], factors: { door: doorOptions, [one.factor]: one.declared } },
    ...(routes ? { routes } : {}),
  })
  const arrived = async (name: string) => {
    const person = visitor(app, manner)
    if (place === 'second') await person.post('/login/door', { name })
    return person
  }
  return { prove, forge, arrived }
}

/** What is written in the table stands in the code: the factor has the strategy's own name. */
function passportName(strategy: Strategy, factor: string): void {
  expect((strategy as { name?: string }).name).toBe(factor)
}

async function takesTheFirstStep(one: Tried, versions: Versions, manner: Manner): Promise<void> {
  const { prove, forge, arrived } = setup(one, 'first', versions, manner)
  const [ada, stranger] = [await arrived('ada'), await arrived('ada')]
  await forge(ada, stranger)
  expect(await ada.standing()).toMatchObject({ status: 'anonymous', completed: [] })
  await prove(ada, 'ada')
  expect(await ada.standing()).toMatchObject({ status: 'pending', completed: [{ factor: one.factor }] })
  expect(await ada.who()).toMatchObject({ authenticated: false, user: null })
  await ada.post('/login/pin', { code: '246810' })
  expect(await ada.who()).toMatchObject({ authenticated: true, user: 'u1' })
}

async function completesTheLogin(one: Tried, versions: Versions, manner: Manner): Promise<void> {
  const { prove, forge, arrived } = setup(one, 'second', versions, manner)
  const [ada, stranger, alan] = [await arrived('ada'), await arrived('ada'), await arrived('alan')]
  await prove(alan, 'ada')
  expect(await alan.who()).toMatchObject({ authenticated: false, user: null })
  await forge(ada, stranger)
  expect(await ada.standing()).toMatchObject({ status: 'pending', completed: [{ factor: 'door' }] })
  await prove(ada, 'ada')
  expect(await ada.who()).toMatchObject({ authenticated: true, user: 'u1' })
}

const both: readonly Manner[] = ['page', 'program']

/** Every manner on every ground: what the table says of this place. */
async function trial(one: Tried, place: Place): Promise<string> {
  const manners = one.manners ?? both
  for (const versions of grounds) {
    for (const manner of manners) {
      if (place === 'second') await completesTheLogin(one, versions, manner)
      else if (one.notFirst === undefined) await takesTheFirstStep(one, versions, manner)
      else expect(() => setup(one, place, versions, manner)).toThrow(TypeError)
    }
  }
  if (place === 'first' && one.notFirst !== undefined) return `no: ${one.notFirst}`
  return manners.length === both.length ? 'yes' : `yes, by a ${manners.join()}`
}

const trials = new Map<string, Promise<string>>()
const tryOut = (one: Tried, place: Place): Promise<string> => {
  const key = `${one.package} ${place}`
  const known = trials.get(key) ?? trial(one, place)
  trials.set(key, known)
  return known
}

const cases = tried.flatMap((one) => (['first', 'second'] as const).map((place) => [one.package, place, one] as const))

it.each(cases)('%s, unmodified, as the %s factor does what docs/compatibility.md says (N-02 at router)', async (_name, place, one) => {
  expect(await tryOut(one, place)).toMatch(place === 'first' && one.notFirst ? /^no: / : /^yes/)
})

it('docs/compatibility.md is the table of these trials (N-02; COMPATIBILITY=write writes it)', async () => {
  const rows = await Promise.all(tried.map(async (one) => ({
    tried: one, version: versionOf(one.package), first: await tryOut(one, 'first'), second: await tryOut(one, 'second'),
  })))
  const text = compatibilityPage(rows, { express: [versionOf('express'), versionOf('express4')], passport: [versionOf('passport'), versionOf('passport06')] })
  if (process.env.COMPATIBILITY === 'write') writeFileSync(page, text)
  expect(readFileSync(page, 'utf8')).toBe(text)
})
