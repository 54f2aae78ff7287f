import { fetchUserInfo, refreshTokenGrant, tokenRevocation } from 'openid-client'
import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { ada, arrive, callback, logIn, queryOf, relyingParty, type RelyingParty } from './support/relying-party.js'

describe('a login by redirect', () => {
  let sim: Simulator
  let rp: RelyingParty
  beforeAll(async () => {
    sim = await startSimulator()
    rp = await relyingParty(sim.operator('a'))
  })
  afterAll(() => sim.close())

  it('a login by redirect waits on a page of the operator, goes on when the handset says yes, and gives an ID token that passes every check', async () => {
    const { visitor, visit, checks } = await arrive(rp, { binding_message: 'K7-42' })
    expect(visit.text).toContain('Answer on your phone')
    expect(visit.text).toContain('K7-42')
    expect(sim.handset(ada).pending()).toEqual([expect.objectContaining({ msisdn: ada, operator: 'a', bindingMessage: 'K7-42', loa: 2 })])
    await sim.handset(ada).approve()
    const { url } = await visitor.open(visit.url, { stopAt: callback })
    const tokens = await rp.end(url, checks)
    expect(tokens.claims()).toMatchObject({ iss: sim.operator('a').issuer, acr: '2', amr: ['SIM_OK'] })
    expect(sim.handset(ada).pending()).toEqual([])
    const { sub } = tokens.claims()!
    expect(sub).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(await fetchUserInfo(rp.configuration, tokens.access_token, sub)).toMatchObject({ sub, phone_number: ada, phone_number_verified: true })
  })

  it('an operator tells the same at premiuminfo, refreshes with offline_access, and forgets a token that was revoked', async () => {
    const tokens = await logIn(sim, rp, { scope: 'openid mc_authn mc_identity_phonenumber offline_access', prompt: 'consent' })
    const { issuer } = sim.operator('a')
    const premium = () => fetch(`${issuer}/premiuminfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
    expect(await (await premium()).json()).toMatchObject({ sub: tokens.claims()!.sub, phone_number: ada })
    expect((await refreshTokenGrant(rp.configuration, tokens.refresh_token!)).claims()).toMatchObject({ sub: tokens.claims()!.sub, acr: '2' })
    await tokenRevocation(rp.configuration, tokens.access_token)
    expect((await premium()).status).toBe(401)
    expect([sim.operator('a').requests('premiuminfo'), sim.operator('a').requests('revoke')]).toEqual([2, 1])
  })

  it('a code is good once, and the second time takes back what it gave (M-13)', async () => {
    const { visitor, visit, checks } = await arrive(rp)
    await sim.handset(ada).approve()
    const { url } = await visitor.open(visit.url, { stopAt: callback })
    const tokens = await rp.end(url, checks)
    await expect(rp.end(url, checks)).rejects.toMatchObject({ error: 'invalid_grant' })
    await expect(fetchUserInfo(rp.configuration, tokens.access_token, tokens.claims()!.sub)).rejects.toMatchObject({ status: 401 })
  })

  it('a login by redirect at level 3 needs the PIN', async () => {
    await expect(logIn(sim, rp, { acr_values: '3' }, '9999')).rejects.toMatchObject({ code: 'pin_wrong' })
    await sim.handset(ada).approve({ pin: '1234' })
    const tokens = await logIn(sim, rp, { acr_values: '3' }, '1234')
    expect(tokens.claims()).toMatchObject({ acr: '3', amr: ['SIM_PIN'] })
  })

  it('a login by redirect comes back refused when the subscriber says no', async () => {
    const { visitor, visit } = await arrive(rp)
    await sim.handset(ada).deny()
    expect(queryOf(await visitor.open(visit.url, { stopAt: callback }))).toMatchObject({ error: 'access_denied', error_description: 'Subscriber denied the request' })
  })
})
