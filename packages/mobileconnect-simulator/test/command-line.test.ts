import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from 'mobileconnect-simulator'
import { announcement, optionsOf } from '../src/command-line.js'

describe('npx mobileconnect-simulator', () => {
  it('the command listens on port 4000, unless told otherwise', () => {
    expect(optionsOf([])).toMatchObject({ port: 4000, production: false })
    expect(optionsOf(['--port', '0', '--production'])).toMatchObject({ port: 0, production: true })
    expect(optionsOf(['--help'])).toBe('help')
  })

  it('the command takes operators, subscribers and redirect URIs', () => {
    const options = optionsOf([
      '--operator', 'a=234-15', '--operator', 'b=234-30=Bravo Mobile', '--subscriber', '+447700900001=a=1234', '--subscriber', '447700900002=b',
      '--redirect-uri', 'http://localhost:3000/callback',
    ])
    expect(options).toMatchObject({
      operators: [{ id: 'a', mcc: '234', mnc: '15' }, { id: 'b', mcc: '234', mnc: '30', name: 'Bravo Mobile' }],
      subscribers: [{ msisdn: '+447700900001', operator: 'a', pin: '1234' }, { msisdn: '447700900002', operator: 'b' }],
      clients: [{ redirectUris: ['http://localhost:3000/callback'] }],
    })
  })

  it.each([
    [['--operator', 'a'], '--operator is written a=234-15, not a.'], [['--subscriber', 'x'], '--subscriber is written +447700900001=a'],
    [['--port', 'many'], '--port is a number up to 65535, not many.'], [['--bogus'], 'Unknown option \'--bogus\''],
  ])('the command refuses %s, and says how it is written', (args, message) => {
    expect(() => optionsOf(args)).toThrow(message)
  })

  it('the command reads the client\'s public keys from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'jwks-'))
    const [keys, others] = [join(folder, 'keys.json'), join(folder, 'others.json')]
    writeFileSync(keys, JSON.stringify({ keys: [{ kty: 'EC' }] }))
    writeFileSync(others, '{}')
    expect(optionsOf(['--jwks', keys])).toMatchObject({ clients: [{ jwks: { keys: [{ kty: 'EC' }] } }] })
    expect(() => optionsOf(['--jwks', others])).toThrow('has no keys')
    expect(() => optionsOf(['--jwks', join(folder, 'none.json')])).toThrow('--jwks names a file with a JWK set')
    rmSync(folder, { recursive: true })
  })

  it('the command prints what an app has to be told', async () => {
    const sim = await startSimulator({ ...optionsOf(['--port', '0', '--operator', 'a=234-15']) as object })
    const text = announcement(sim)
    const { issuer, clientId, clientSecret } = sim.operator('a')
    for (const value of [issuer, clientId, clientSecret, sim.discovery.url, sim.discovery.clientId, sim.discovery.clientSecret, sim.camara.issuer, sim.camara.apiRoot, sim.camara.clientId, `${sim.url}/handsets/`, '+447700900001   operator a, PIN 1234']) {
      expect(text).toContain(value)
    }
    expect(await (await fetch(sim.url)).text()).toContain(clientSecret)
    await sim.close()
  })
})
