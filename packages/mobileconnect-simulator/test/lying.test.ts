import { createHash } from 'node:crypto'
import { fetchUserInfo } from 'openid-client'
import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { ada, arrive, callback, logIn, relyingParty, type RelyingParty } from './support/relying-party.js'

let sim: Simulator
let rp: RelyingParty
beforeAll(async () => {
  sim = await startSimulator()
  rp = await relyingParty(sim.operator('a'))
})
afterAll(() => sim.close())
afterEach(() => sim.operator('a').restore())

const other = '+447700900003'
const hashed = createHash('sha256').update(`MSISDN:${ada.slice(1)}`).digest('hex')
const authorizing = { scope: 'openid mc_authz', client_name: 'Acme', context: 'amount: 10', binding_message: 'K7' }

/** Another person than the hint says types their number at the operator, and says yes. */
async function typed(number: string, parameters: Record<string, string> = {}) {
  const { visitor, visit, checks } = await arrive(rp, parameters)
  const waiting = await visitor.submit(visit.url, { msisdn: number.slice(1) }, callback)
  await sim.handset(number).approve()
  return rp.end((await visitor.open(waiting.url, { stopAt: callback })).url, checks)
}

describe('an operator that lies or forgets', () => {
  it('an operator with hint-ignored asks the browser\'s user for a number, and answers for it without a word of the hint', async () => {
    sim.operator('a').misbehave('hint-ignored')
    const tokens = await typed(other)
    expect(tokens.claims()).not.toHaveProperty('hashed_login_hint')
    expect((await fetchUserInfo(rp.configuration, tokens.access_token, tokens.claims()!.sub)).phone_number).toBe(other)
  })

  it('an operator with another-subscriber asks, and answers for, another person, and repeats the hint', async () => {
    sim.operator('a').misbehave('another-subscriber')
    const { visitor, visit, checks } = await arrive(rp)
    await sim.handset(other).approve()
    const tokens = await rp.end((await visitor.open(visit.url, { stopAt: callback })).url, checks)
    expect(tokens.claims()).toMatchObject({ hashed_login_hint: hashed })
    expect((await fetchUserInfo(rp.configuration, tokens.access_token, tokens.claims()!.sub)).phone_number).toBe(other)
  })

  it('an operator with hashed-login-hint-missing says nothing of the hint', async () => {
    expect((await logIn(sim, rp)).claims()).toMatchObject({ hashed_login_hint: hashed })
    sim.operator('a').misbehave('hashed-login-hint-missing')
    expect((await logIn(sim, rp)).claims()).not.toHaveProperty('hashed_login_hint')
  })

  it('an operator with phone-unverified does not vouch for the number', async () => {
    sim.operator('a').misbehave('phone-unverified')
    const tokens = await logIn(sim, rp)
    expect(await fetchUserInfo(rp.configuration, tokens.access_token, tokens.claims()!.sub)).toMatchObject({ phone_number: ada, phone_number_verified: false })
  })

  it('an operator with shows-else shows something else, and says so', async () => {
    sim.operator('a').misbehave('shows-else')
    const { visitor, visit, checks } = await arrive(rp, authorizing)
    const [prompt] = sim.handset(ada).pending()
    expect([prompt!.context, prompt!.bindingMessage]).toEqual(['Log in?', null])
    await sim.handset(ada).approve()
    const tokens = await rp.end((await visitor.open(visit.url, { stopAt: callback })).url, checks)
    expect(tokens.claims()).toMatchObject({ displayed_data: 'Log in?' })
  })

  it('an operator with displayed-data or displayed-data-missing says that it showed something else, or nothing', async () => {
    expect((await logIn(sim, rp, authorizing)).claims()).toMatchObject({ displayed_data: 'amount: 10 K7' })
    sim.operator('a').misbehave('displayed-data')
    expect((await logIn(sim, rp, authorizing)).claims()).toMatchObject({ displayed_data: 'Log in?' })
    sim.operator('a').misbehave('displayed-data-missing')
    expect((await logIn(sim, rp, authorizing)).claims()).not.toHaveProperty('displayed_data')
  })

  it('an operator with par-missing does not say that it takes pushed requests, until restore()', async () => {
    const offered = async () => Object.keys(await (await fetch(`${sim.operator('a').issuer}/.well-known/openid-configuration`)).json() as object).includes('pushed_authorization_request_endpoint')
    expect(await offered()).toBe(true)
    sim.operator('a').misbehave('par-missing')
    expect(await offered()).toBe(false)
    sim.operator('a').restore()
    expect(await offered()).toBe(true)
  })
})

describe('a client that is registered for signed requests only', () => {
  it('a client that is registered for signed requests only has its plain requests refused, and needs keys', async () => {
    await expect(startSimulator({ clients: [{ signedRequestsOnly: true }] })).rejects.toThrow('signedRequestsOnly needs the public keys')
    const { generateKeyPair, exportJWK } = await import('jose')
    const { publicKey } = await generateKeyPair('RS256', { extractable: true })
    const strict = await startSimulator({ clients: [{ signedRequestsOnly: true, jwks: { keys: [{ ...await exportJWK(publicKey), kid: 'one' }] } }] })
    const { visit } = await arrive(await relyingParty(strict.operator('a')))
    expect(new URL(visit.url).searchParams.get('error')).toBe('invalid_request')
    await strict.close()
  })
})
