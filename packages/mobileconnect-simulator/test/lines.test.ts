import { startSimulator, type Simulator } from 'mobileconnect-simulator'

const ada = '+447700900001'

describe('The lines of the handsets, for a page or a script', () => {
  let sim: Simulator
  const at = Date.parse('2026-05-01T12:00:00Z')
  beforeAll(async () => { sim = await startSimulator({ now: () => at }) })
  afterAll(() => sim.close())

  const change = (path: string, body?: object, headers: Record<string, string> = {}) => fetch(`${sim.url}/handsets/lines/${path}`, {
    method: 'POST', redirect: 'manual', headers: { 'content-type': 'application/json', ...headers }, ...body && { body: JSON.stringify(body) },
  })
  const lineOf = async () => ((await (await fetch(`${sim.url}/handsets/lines`)).json()) as { msisdn: string }[]).find(({ msisdn }) => msisdn === ada)

  it('a page or a script can switch a handset\'s network, swap the SIM and the device, and lose a text', async () => {
    expect(await lineOf()).toEqual({ msisdn: ada, network: 'wifi', delivery: 'delivered', simSince: '2023-05-02T12:00:00.000Z', deviceSince: '2023-05-02T12:00:00.000Z', texts: [] })
    const statuses = [
      await change('447700900001/network', { network: 'mobile' }), await change('447700900001/swap-sim'), await change('447700900001/swap-device'),
      await change('447700900001/deliver-texts', { how: 'lost', times: 1 }),
    ].map(({ status }) => status)
    expect(statuses).toEqual([204, 204, 204, 204])
    const handset = sim.handset(ada)
    expect(handset.line().delivery).toBe('lost')
    expect([handset.sendText('one'), handset.sendText('two')]).toEqual(['lost', 'delivered'])
    const since = '2026-05-01T12:00:00.000Z'
    expect(await lineOf()).toEqual({ msisdn: ada, network: 'mobile', delivery: 'delivered', simSince: since, deviceSince: since, texts: [{ text: 'two', at }] })
    expect(await (await fetch(`${sim.url}/handsets/`)).text()).toContain('On mobile data. This SIM since 2026-05-01.')
  })

  it('a page or a script can say since when a SIM or a device has been another, send a text, and learn what became of it', async () => {
    const since = '2026-04-01T12:00:00.000Z'
    expect((await change('447700900003/swap-sim', { at: since })).status).toBe(204)
    expect((await change('447700900003/swap-device', { at: since })).status).toBe(204)
    const handset = sim.handset('+447700900003')
    expect(handset.line()).toMatchObject({ simSince: since, deviceSince: since })
    const text = async () => (await change('447700900003/texts', { text: 'Your code is 123456' })).json()
    handset.deliverTexts('blocked', { times: 1 })
    expect([await text(), await text()]).toEqual([{ delivery: 'blocked' }, { delivery: 'delivered' }])
    expect(handset.texts()).toEqual([{ text: 'Your code is 123456', at }])
  })

  it('the lines of the handsets refuse what they do not know, in words', async () => {
    const network = await change('447700900001/network', { network: '5g' })
    expect([network.status, await network.json()]).toEqual([400, { code: 'value_unknown', message: 'network takes mobile, wifi, not "5g".' }])
    expect((await change('447700900001/deliver-texts', {})).status).toBe(400)
    expect((await change('447700900999/swap-sim')).status).toBe(404)
    expect((await change('447700900999/texts', { text: 'Hello' })).status).toBe(404)
    expect((await change('447700900001/texts', {})).status).toBe(400)
    expect((await change('447700900001/swap-sim', { at: 'yesterday' })).status).toBe(400)
    expect((await change('447700900001/swap-device', { at: 5 })).status).toBe(400)
    expect((await change('447700900001/shout')).status).toBe(404)
    expect((await change('447700900001/toString')).status).toBe(404)
  })

  it('the lines of the handsets take no change from a page of another site, and go back to the page for a form', async () => {
    expect((await change('447700900001/swap-sim', {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    const done = await fetch(`${sim.url}/handsets/lines/447700900001/network`, {
      method: 'POST', redirect: 'manual', headers: { accept: 'text/html' }, body: new URLSearchParams({ network: 'wifi' }),
    })
    expect([done.status, done.headers.get('location'), sim.handset(ada).line().network]).toEqual([303, '/handsets/', 'wifi'])
  })
})
