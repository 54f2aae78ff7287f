import * as client from 'openid-client'
import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { ada, relyingParty, type RelyingParty } from './support/relying-party.js'

const CIBA = 'urn:openid:params:grant-type:ciba'

describe('a login by backchannel (CIBA, poll)', () => {
  let sim: Simulator
  let rp: RelyingParty
  let now = Date.now()
  beforeAll(async () => {
    sim = await startSimulator({ now: () => now })
    rp = await relyingParty(sim.operator('a'))
  })
  afterAll(() => sim.close())
  beforeEach(() => { now = Date.now() })

  const begin = (parameters: Record<string, string> = {}) => client.initiateBackchannelAuthentication(rp.configuration, {
    scope: 'openid mc_authn phone', login_hint: `MSISDN:${ada.slice(1)}`, acr_values: '2', binding_message: 'K7-42', ...parameters,
  })
  const poll = (id: string) => client.genericGrantRequest(rp.configuration, CIBA, { auth_req_id: id })

  it('a backchannel login is pending until the handset says yes, and then gives tokens once', async () => {
    const { auth_req_id: id, interval, expires_in: lives } = await begin()
    expect({ interval, lives }).toEqual({ interval: 2, lives: 120 })
    await expect(poll(id)).rejects.toMatchObject({ error: 'authorization_pending' })
    expect(sim.handset(ada).pending()).toEqual([expect.objectContaining({ bindingMessage: 'K7-42' })])
    await sim.handset(ada).approve()
    expect((await poll(id)).claims()).toMatchObject({ acr: '2', amr: ['SIM_OK'] })
    await expect(poll(id)).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('an operator tells a client that polls faster than the interval to slow down, and asks for five seconds more from then on (M-28)', async () => {
    const { auth_req_id: id } = await begin()
    await expect(poll(id)).rejects.toMatchObject({ error: 'authorization_pending' })
    await expect(poll(id)).rejects.toMatchObject({ error: 'slow_down' })
    now += 3000
    await expect(poll(id)).rejects.toMatchObject({ error: 'slow_down' })
    now += 13_000
    await expect(poll(id)).rejects.toMatchObject({ error: 'authorization_pending' })
    await sim.handset(ada).deny()
  })

  it('a backchannel login ends with access_denied when the subscriber says no', async () => {
    const { auth_req_id: id } = await begin()
    await sim.handset(ada).deny()
    await expect(poll(id)).rejects.toMatchObject({ error: 'access_denied' })
  })

  it('a backchannel login ends with expired_token when nobody answers, and the handset forgets it', async () => {
    const { auth_req_id: id } = await begin()
    now += 119_000
    await expect(poll(id)).rejects.toMatchObject({ error: 'authorization_pending' })
    now += 2000
    await expect(poll(id)).rejects.toMatchObject({ error: 'expired_token' })
    expect(sim.handset(ada).pending()).toEqual([])
  })

  it('a backchannel login ends at once with expired_token when the subscriber never answers', async () => {
    const { auth_req_id: id } = await begin()
    await sim.handset(ada).ignore()
    await expect(poll(id)).rejects.toMatchObject({ error: 'expired_token' })
  })

  it('a backchannel login does not begin for a number of another operator', async () => {
    await expect(begin({ login_hint: 'MSISDN:447700900002' })).rejects.toMatchObject({ error: 'unknown_user_id' })
  })
})
