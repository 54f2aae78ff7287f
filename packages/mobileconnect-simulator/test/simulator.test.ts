import { generateKeyPairSync } from 'node:crypto'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startSimulator, type Simulator, type SimulatorOptions } from 'mobileconnect-simulator'
import { ada, arrive, callback, logIn, relyingParty } from './support/relying-party.js'

const running: Simulator[] = []
const start = async (options?: SimulatorOptions) => {
  const sim = await startSimulator(options)
  running.push(sim)
  return sim
}
afterEach(async () => { await Promise.all(running.splice(0).map((sim) => sim.close())) })

describe('startSimulator()', () => {
  it('startSimulator() without options gives two operators, three subscribers, and a client that may return to any place on loopback', async () => {
    const sim = await start()
    expect(sim.operators.map(({ id, name }) => [id, name])).toEqual([['a', 'Operator A'], ['b', 'Operator B']])
    expect(sim.operators.map(({ issuer }) => issuer)).toEqual([`${sim.url}/a`, `${sim.url}/b`])
    expect(sim.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(sim.handsets.subscribers.map(({ msisdn }) => msisdn)).toEqual(['+447700900001', '+447700900002', '+447700900003'])
  })

  it('startSimulator() gives each operator credentials of its own, other than the credentials of discovery', async () => {
    const sim = await start()
    const ids = [...sim.operators, sim.discovery].flatMap(({ clientId, clientSecret }) => [clientId, clientSecret])
    expect(new Set(ids).size).toBe(6)
  })

  it('a simulator keeps two operators apart: the other operator does not know the client of one, and a subscriber has one operator', async () => {
    const sim = await start()
    const [a, b] = [sim.operator('a'), sim.operator('b')]
    const stray = await relyingParty({ ...b, clientId: a.clientId, clientSecret: a.clientSecret })
    const { visit } = await arrive(stray)
    expect(visit.text).toContain('invalid_client')
    const rp = await relyingParty(b)
    const { visitor, visit: waiting, checks } = await arrive(rp, { login_hint: 'MSISDN:447700900002' })
    await sim.handset('+447700900002').approve()
    expect((await rp.end((await visitor.open(waiting.url, { stopAt: callback })).url, checks)).claims()!.iss).toBe(b.issuer)
  })

  it('a simulator is the same in every run of the same configuration: credentials, subject and, if given, the key', async () => {
    const key = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid: 'k-1' } as { kty: string }
    const run = async () => {
      const sim = await start({ operators: [{ id: 'a', mcc: '001', mnc: '01', key }] })
      const { clientId, clientSecret, issuer } = sim.operator('a')
      const tokens = await logIn(sim, await relyingParty(sim.operator('a')))
      return [clientId, clientSecret, tokens.claims()!.sub, await (await fetch(`${issuer}/jwks`)).json()]
    }
    expect(await run()).toEqual(await run())
  })

  it('a simulator goes by the clock that it is given: in what it issues, and when a request is over', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z')
    const sim = await start({ now: () => now, patience: '1m' })
    const rp = await relyingParty(sim.operator('a'))
    const { visitor, visit } = await arrive(rp)
    now += 60_000
    expect(new URL((await visitor.open(visit.url, { stopAt: callback })).url).searchParams.get('error_description')).toBe('Subscriber consent waiting time expired')
    const second = await arrive(rp)
    await sim.handset(ada).approve()
    const { url } = await second.visitor.open(second.visit.url, { stopAt: callback })
    now += 61_000
    await expect(rp.end(url, second.checks)).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('a simulator takes one more subscriber while it runs', async () => {
    const sim = await start()
    const handset = sim.addSubscriber({ msisdn: '+4915112345678', operator: 'a' })
    await arrive(await relyingParty(sim.operator('a')), { login_hint: 'MSISDN:4915112345678' })
    expect(handset.pending()).toHaveLength(1)
  })

  it.each<[string, SimulatorOptions, string]>([
    ['a misspelt option', { operator: [] } as object, 'startSimulator has no option operator. Did you mean operators?'],
    ['an operator id that is no path', { operators: [{ id: 'A/b', mcc: '001', mnc: '01' }] }, 'lower-case letters, digits and -'],
    ['the operator id of CAMARA', { operators: [{ id: 'camara', mcc: '001', mnc: '01' }] }, 'none of assets, camara, handsets, v2'],
    ['an operator id that is taken', { operators: [{ id: 'handsets', mcc: '001', mnc: '01' }] }, 'none of assets, camara, handsets, v2'],
    ['a network that is none', { operators: [{ id: 'a', mcc: '1', mnc: '01' }] }, 'mcc (3 digits) and mnc (2 or 3 digits)'],
    ['two operators of one network', { operators: [{ id: 'a', mcc: '001', mnc: '01' }, { id: 'b', mcc: '001', mnc: '01' }] }, '001_01 is there twice'],
    ['no operator', { operators: [] }, 'operators is a list such as'],
    ['a subscriber of nobody', { subscribers: [{ msisdn: ada, operator: 'z' }] }, 'there is none of that id'],
    ['a national number', { subscribers: [{ msisdn: '07700 900001', operator: 'a' }] }, 'is international, such as \'+447700900001\''],
    ['a redirect URI that is none', { clients: [{ redirectUris: ['/callback'] }] }, 'whole URLs, not /callback'],
    ['a client authentication that is none', { clients: [{ clientAuth: 'none' as 'post' }] }, 'clientAuth is \'basic-raw\''],
    ['signed assertions without keys', { clients: [{ clientAuth: 'private_key_jwt' }] }, 'jwks: { keys: [...] }'],
    ['a bare number as duration', { patience: 60 as unknown as string }, 'patience is a duration'],
    ['a duration of no unit', { interval: 'soon' }, 'interval is a duration such as'],
  ])('startSimulator() refuses %s, and says what to write', async (_, options, message) => {
    await expect(startSimulator(options)).rejects.toThrow(message)
  })

  it('startSimulator() does not run under NODE_ENV=production, unless told to', async () => {
    const { NODE_ENV } = process.env
    process.env.NODE_ENV = 'production'
    try {
      await expect(startSimulator()).rejects.toMatchObject({ code: 'production' })
      await start({ production: true })
    } finally {
      process.env.NODE_ENV = NODE_ENV
    }
  })

  it('startSimulator() says so when the port is taken', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => { taken.listen(0, '127.0.0.1', resolve) })
    await expect(startSimulator({ port: (taken.address() as AddressInfo).port })).rejects.toMatchObject({ code: 'port_in_use' })
    await new Promise((resolve) => { taken.close(resolve) })
  })

  it('a simulator says who is there, for an operator or a subscriber that is not', async () => {
    const sim = await start()
    expect(() => sim.operator('z')).toThrow('There is no operator z. There are a, b.')
    expect(() => sim.handset('+49123')).toThrow('+49123 is no subscriber')
  })
})

it('a simulator answers to no other host name than the names of loopback', async () => {
  const sim = await start()
  const status = (host: string) => new Promise((resolve, reject) => {
    request(sim.url, { headers: { host } }, (response) => resolve(response.resume().statusCode)).on('error', reject).end()
  })
  expect(await Promise.all(['attacker.example', 'localhost:80', new URL(sim.url).host].map(status))).toEqual([421, 200, 200])
})

describe('close()', () => {
  it('close() ends what is under way, and nobody listens any more', async () => {
    const sim = await startSimulator()
    sim.operator('a').fail('metadata', { delay: '1h' })
    const hanging = fetch(`${sim.operator('a').issuer}/.well-known/openid-configuration`).catch(() => 'ended')
    while (sim.operator('a').requests('metadata') === 0) await new Promise((resolve) => { setImmediate(resolve) })
    await sim.close()
    expect(await hanging).toBe('ended')
    await expect(fetch(sim.url)).rejects.toThrow()
  })
})

it('a simulator prints nothing', async () => {
  const written = [jest.spyOn(console, 'warn'), jest.spyOn(console, 'info'), jest.spyOn(console, 'log'), jest.spyOn(console, 'error')].map((spy) => spy.mockImplementation(() => undefined))
  const sim = await start()
  await logIn(sim, await relyingParty(sim.operator('a')))
  expect(written.flatMap((spy) => spy.mock.calls)).toEqual([])
  written.forEach((spy) => spy.mockRestore())
})
