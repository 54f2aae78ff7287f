import type { AddressInfo } from 'node:net'
import { fromBase32, totpCode } from '../src/handset/authenticator.js'
import { describeOnEveryStore } from './support/stores.js'
import { adaPhone, codeOf, gracePhone, reader, visitor } from './support/visitor.js'

describeOnEveryStore('the handset', (start) => {
  /** Two texts: to ada, then to grace. */
  const withTexts = async () => {
    const app = await start()
    await visitor(app).begin()
    const grace = visitor(app)
    await grace.password('grace')
    await grace.post('/login/sms-otp/challenge', { phone: gracePhone })
    return app
  }

  it('the handset lists all texts, oldest first', async () => {
    const { body } = await visitor(await withTexts()).get('/handset/messages')
    const text = (to: string) => ({ to, body: expect.stringMatching(/^(\d{6}) is your Acme code\. Do not share it\.\n\n@localhost #\1$/), at: expect.stringMatching(/^\d{4}-.*Z$/) })
    expect(body).toEqual([text(adaPhone), text(gracePhone)])
  })

  it('the handset lists the texts to one number, and all texts for an empty number', async () => {
    const ada = visitor(await withTexts())
    const numbers = async (to: string) => (await ada.get('/handset/messages').query({ to })).body.map((text: { to: string }) => text.to)
    expect(await numbers(gracePhone)).toEqual([gracePhone])
    expect(await numbers('+447400123000')).toEqual([])
    expect(await numbers('')).toEqual([adaPhone, gracePhone])
  })

  it('the handset is a page that needs no JavaScript, newest text first', async () => {
    const page = await reader(await withTexts()).open('/handset')
    const shown = [...page.matchAll(/<li data-key="(\S+) /g)].map(([, to]) => to)
    expect(shown).toEqual([gracePhone, adaPhone])
  })

  it('the handset tells of each text as it arrives', async () => {
    const app = await start()
    const server = app.listen(0)
    const { port } = server.address() as AddressInfo
    const stream = await fetch(`http://127.0.0.1:${port}/handset/events`)
    expect(stream.headers.get('content-type')).toMatch('text/event-stream')
    await visitor(app).begin()
    let told = ''
    for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
      told += chunk
      if (/^data: .*\n\n/m.test(told)) break
    }
    const { to, body } = JSON.parse(/^data: (.*)$/m.exec(told)![1]!)
    expect(to).toBe(adaPhone)
    expect(body).toContain(`#${await visitor(app).texted(adaPhone)}`)
    expect(codeOf(body)).toMatch(/^\d{6}$/)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it('the handset has switches for network, SIM card and texts, and refuses what a line cannot have', async () => {
    const app = await start()
    const ada = visitor(app)
    const change = (path: string, body: object) => ada.post(`/handset/lines/${encodeURIComponent(adaPhone)}/${path}`, body)
    const line = async () => (await ada.get('/handset')).body.lines.find(({ msisdn }: { msisdn: string }) => msisdn === adaPhone).choices
    expect(await line()).toEqual({ network: 'wifi', days: '999', delivery: 'delivered' })
    const changes: [string, object][] = [['network', { network: 'mobile' }], ['swap-sim', { days: '30' }], ['next-text', { delivery: 'lost' }]]
    for (const [path, body] of changes) await change(path, body).expect(204)
    expect(await line()).toEqual({ network: 'mobile', days: '30', delivery: 'lost' })
    await change('swap-sim', { days: 0 }).expect(204)
    expect(await line()).toMatchObject({ days: '0' })

    for (const [path, code] of [['network', 'network_invalid'], ['swap-sim', 'days_invalid'], ['next-text', 'delivery_invalid']] as const) {
      expect((await change(path, {})).body).toMatchObject({ status: 400, code })
    }
    expect((await change('shout', {})).status).toBe(404)
    expect((await ada.post('/handset/lines/%2B447400123400/network', { network: 'wifi' })).body).toMatchObject({ status: 404, code: 'subscriber_unknown' })
    const foreign = await change('network', { network: 'wifi' }).set('sec-fetch-site', 'cross-site')
    expect([foreign.status, (await line()).network]).toEqual([403, 'mobile'])
  })

  it('a call tells the same code, where the text got lost', async () => {
    const app = await start()
    const ada = visitor(app)
    await ada.post(`/handset/lines/${encodeURIComponent(adaPhone)}/next-text`, { delivery: 'lost' })
    await ada.password('ada')
    await ada.post('/login/sms-otp/challenge', { channel: 'voice' }).expect(200)
    const [call] = (await ada.get('/handset/messages')).body
    expect(call).toEqual({ to: adaPhone, channel: 'voice', at: expect.any(String), body: expect.stringMatching(/^Hello\. This is your Acme code:\n\d(, \d){5}\nOnce more:/) })
    const code = /^\d(?:, \d)+$/m.exec(call.body)![0].replaceAll(', ', '')
    expect((await ada.post('/login/sms-otp', { code })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'tel', 'mfa'] })
  })

  it('the handset tells what has happened to each person, with reasons, and without a number or a code', async () => {
    const app = await start()
    const ada = visitor(app)
    await ada.post(`/handset/lines/${encodeURIComponent(adaPhone)}/swap-sim`, { days: '0' })
    await ada.begin()
    const { happenings } = (await ada.get('/handset')).body
    const told = happenings.ada.map(({ event, says }: { event: string, says: string }) => `${event}: ${says}`)
    expect(told).toEqual(expect.arrayContaining(['step.passed: local', 'send-denied: sim-swap · It changed within 240 hours.']))
    expect(happenings.grace).toEqual([])
    expect(JSON.stringify(happenings)).not.toMatch(/\d{6}|7400/)
  })

  it('the handset shows the key and the code of alan\'s authenticator', async () => {
    const app = await start()
    const { body } = await visitor(app).get('/handset')
    expect(body.authenticators).toEqual([{ account: 'alan', key: expect.stringMatching(/^[A-Z2-7]{32}$/), code: expect.stringMatching(/^\d{6}$/), secondsLeft: expect.any(Number) }])
    expect(await reader(app).open('/handset')).toContain(body.authenticators[0].key)
  })
})

describe('the authenticator', () => {
  const key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

  it('the authenticator reads Base32 (RFC 4648 §10)', () => {
    expect(fromBase32('MZXW6YTB').toString()).toBe('fooba')
    expect(fromBase32(key).toString()).toBe('12345678901234567890')
  })

  it.each([[59, '287082'], [1111111109, '081804'], [1111111111, '050471'], [1234567890, '005924'], [2000000000, '279037'], [20000000000, '353130']])('the authenticator shows the code of RFC 6238, appendix B, at second %d', (second, code) => {
    expect(totpCode(key, second * 1000)).toBe(code)
  })
})
