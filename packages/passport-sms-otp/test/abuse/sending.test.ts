import { attacked, DAY, free, tally, times } from '../support/attack.js'
import { ADA, BOB, minutes, seconds, wrong } from '../support/kit.js'
import { describeOnEveryStore, inMemory } from '../support/stores.js'

const ada = { id: 'user-7', phone: ADA }
/** Numbers that differ in their last four digits only. */
const neighbour = (index: number) => `+4474001${String(20_000 + index)}`
/** Numbers of which no two share a prefix. */
const stranger = (index: number) => `+4474${String(10_000_000 + index * 20_000)}`

describeOnEveryStore('A text over HTTP', (shelf) => {
  it('a text that is asked for 50 times at once for one person leaves once (R-12, S-01)', async () => {
    const kit = attacked(shelf, { user: ada, verify: null })
    const answers = await times(50, () => kit.agent().post('/send'))
    expect(tally(answers)).toEqual({ 200: 1, send_throttled: 49 })
    expect(kit.inbox.messages).toHaveLength(1)
  })

  it('a text that is asked for again before its time does not leave, and the answer says when: alike for a number that is never texted (R-12, S-02)', async () => {
    const kit = attacked(shelf, { strategy: { mayText: (phone) => phone === ADA } })
    const story = async (phone: string) => {
      const browser = kit.agent()
      const answers = [await browser.post('/send').send({ phone })]
      for (const path of ['/send', '/resend']) answers.push(await browser.post(path).send({ phone }))
      return answers.map(({ status, headers, body }) => ({ status, after: headers['retry-after'], body: JSON.stringify(body).replaceAll(/•\d{3}/g, '•') }))
    }
    const known = await story(ADA)
    expect(known.map(({ status, after }) => [status, after])).toEqual([[200, undefined], [429, '30'], [429, '30']])
    expect(await story(BOB)).toEqual(known)
    expect(kit.inbox.messages).toHaveLength(1)
  })

  it('a text that is asked for every ten minutes for two days leaves exactly 5 times in any hour and 10 times in any day (R-20, S-03)', async () => {
    const kit = attacked(shelf)
    const sent: number[] = []
    for (let asked = 0; asked < 2 * 24 * 6; asked += 1) {
      if ((await kit.agent().post('/send').send({ phone: ADA })).status === 200) sent.push(kit.time.now())
      kit.time.pass(minutes(10))
    }
    const most = (window: number) => Math.max(...sent.map((start) => sent.filter((at) => at >= start && at < start + window).length))
    expect([most(minutes(60)), most(DAY), sent.length]).toEqual([5, 10, 20])
    expect(kit.inbox.messages).toHaveLength(20)
  })

  it('a text does not leave while its user is locked or disabled, by whichever way it is asked for (R-05, S-04)', async () => {
    const kit = attacked(shelf, { strategy: { ...free, lockout: { after: 2, for: '1m', disableAfter: 3 } }, user: { id: 'user-7', phone: ADA }, verify: null })
    const browser = await kit.texted({ phone: ADA })
    const asked = async () => [await browser.post('/send').send({ phone: ADA }), await browser.post('/resend'), await kit.agent().post('/send').send({ phone: ADA })]
    for (let guess = 0; guess < 2; guess += 1) await browser.post('/verify').send({ code: wrong(kit.code()) }).expect(401)
    expect(tally(await asked())).toEqual({ locked: 3 })
    kit.time.pass(minutes(1))
    await browser.post('/verify').send({ code: wrong(kit.code()) }).expect(401)
    expect(tally(await asked())).toEqual({ disabled: 3 })
    expect(kit.inbox.messages).toHaveLength(1)
  })

  it('a text that is sent again is throttled as a first one is, and opens no window anew (R-20, S-05)', async () => {
    const kit = attacked(shelf, { strategy: { sendLimits: { phone: { '1h': 3 } }, ttl: '10m' } })
    const browser = await kit.texted({ phone: ADA })
    for (const wait of [30, 60]) {
      kit.time.pass(seconds(wait) - 1)
      expect((await browser.post('/resend').expect(429)).body.code).toBe('send_throttled')
      kit.time.pass(1)
      await browser.post('/resend').expect(200)
    }
    kit.time.pass(minutes(4))
    const { body } = await browser.post('/resend').expect(429)
    expect(body).toMatchObject({ code: 'send_throttled', retryAfter: 3600 - 90 - 240 })
    expect((await kit.agent().post('/send').send({ phone: ADA }).expect(429)).body.retryAfter).toBe(3600 - 90 - 240)
  })

  it('a text that a stranger keeps asking for leaves the code of its owner good (R-07, S-06)', async () => {
    const kit = attacked(shelf, { strategy: free })
    const owner = await kit.texted({ phone: ADA })
    const code = kit.code()
    for (let asked = 0; asked < 10; asked += 1) await kit.texted({ phone: ADA })
    await owner.post('/verify').send({ code }).expect(200)
  })

  it('a text leaves 20 times an hour to the numbers of one prefix, also when all are asked for at once (R-20, S-07)', async () => {
    const kit = attacked(shelf, { strategy: { sendLimits: { ip: {} } } })
    const answers = await times(100, (index) => kit.agent().post('/send').send({ phone: neighbour(index) }))
    expect(tally(answers)).toEqual({ 200: 20, send_throttled: 80 })
    expect(kit.inbox.messages).toHaveLength(20)
    kit.time.pass(minutes(60))
    await kit.agent().post('/send').send({ phone: neighbour(200) }).expect(200)
  })

  it('a text leaves exactly as often as there is for the whole app, and codes that were sent still work (R-20, S-13)', async () => {
    const kit = attacked(shelf, { strategy: { sendLimits: { ip: {}, total: { '1h': 7 } } } })
    const denied = jest.fn()
    kit.strategy.otp.on('send-denied', denied)
    const owner = await kit.texted({ phone: ADA })
    const answers = await times(50, (index) => kit.agent().post('/send').send({ phone: stranger(index) }))
    expect(tally(answers)).toEqual({ 200: 6, send_throttled: 44 })
    expect(denied).toHaveBeenCalledTimes(44)
    expect(denied.mock.calls.map(([{ reason }]) => reason)).toEqual(Array(44).fill('total'))
    await owner.post('/verify').send({ code: kit.code(ADA) }).expect(200)
  })

  it('a text that is refused takes nothing from what others share, however often (R-20, S-14)', async () => {
    const kit = attacked(shelf, { strategy: { mayText: () => true, sendLimits: { ip: {}, prefix: { '1h': 3 }, total: { '1h': 10 } } } })
    await times(100, (index) => kit.agent().post('/send').send({ phone: neighbour(index) }))
    for (const phone of ['nonsense', '+442079460123', '+19002345678']) await times(20, () => kit.agent().post('/send').send({ phone }))
    const answers = await times(20, (index) => kit.agent().post('/send').send({ phone: stranger(index) }))
    expect(tally(answers)).toEqual({ 200: 7, send_throttled: 13 })
    expect(kit.inbox.messages).toHaveLength(10)
  })
})

describe('Whom a limit counts', () => {
  const withIp = (address: string) => {
    const kit = attacked(inMemory, { strategy: { sendLimits: { ip: { '1h': 2 } } } })
    kit.app.set('trust proxy', true)
    return { kit, ask: (index: number, from = address) => kit.agent().post('/send').set('X-Forwarded-For', from).send({ phone: stranger(index) }) }
  }

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', 429], ['2001:db8:1:2::1', '2001:db8:1:3::1', 200],
    ['::ffff:192.0.2.1', '192.0.2.1', 429], ['192.0.2.1', '192.0.2.2', 200],
  ])('a limit counts one address for %s and %s, or two: the answer is %i (S-09)', async (one, other, status) => {
    const { ask } = withIp(one)
    for (const index of [1, 2]) await ask(index).expect(200)
    await ask(3, other).expect(status)
  })

  it('a limit counts the address of the connection, whatever a header says, without a trusted proxy (S-10)', async () => {
    const { kit, ask } = withIp('192.0.2.1')
    kit.app.set('trust proxy', false)
    for (const index of [1, 2]) await ask(index).expect(200)
    await ask(3, '198.51.100.7').expect(429)
    expect(kit.inbox.messages).toHaveLength(2)
  })

  it('a limit counts nothing that stands in the body (S-11)', async () => {
    const { kit, ask } = withIp('192.0.2.1')
    for (const index of [1, 2]) await ask(index).expect(200)
    const forged = { phone: stranger(3), ip: '198.51.100.7', key: 'other', email: 'other@example.com', subject: 'other', known: true, userId: 'other' }
    await kit.agent().post('/send').set('X-Forwarded-For', '192.0.2.1').send(forged).expect(429)
  })
})

describe('The host in a text', () => {
  it('the host in a text is the host of the configuration, whatever headers name (S-16)', async () => {
    const kit = attacked(inMemory, { strategy: { origin: 'acme.example', appName: 'Acme' } })
    kit.app.set('trust proxy', true)
    const forged = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example', Origin: 'https://evil.example', Referer: 'https://evil.example/' }
    await kit.agent().post('/send').set(forged).send({ phone: ADA }).expect(200)
    const [text] = kit.inbox.messages
    expect(text?.body).toBe(`${kit.code()} is your Acme code. Do not share it.\n\n@acme.example #${kit.code()}`)
  })
})

describe('A number of another user', () => {
  const taken = (kit: ReturnType<typeof attacked>, phone: string) => kit.agent().post('/send').send({ phone })
  const shape = ({ status, body }: { status: number, body: object }) => [status, Object.keys(body).sort()]

  it.each<[string, object | undefined, number]>([['refuses', { message: 'That number belongs to another account.' }, 409], ['allows', undefined, 200]])(
    'a number of another user is texted like any other, and only the right code tells whether the app %s it (R-24, I-30)', async (_, refusal, status) => {
      const save = async (__: Express.User, phone: string) => { if (refusal && phone === BOB) throw new Error('That number belongs to another account.') }
      const make = () => attacked(inMemory, { strategy: { capture: { save } }, user: { id: 'user-7' }, verify: null })
      expect(shape(await taken(make(), BOB))).toEqual(shape(await taken(make(), ADA)))
      const kit = make()
      const browser = await kit.texted({ phone: BOB })
      await browser.post('/verify').send({ code: wrong(kit.code(BOB)) }).expect(401)
      const { body } = await browser.post('/verify').send({ code: kit.code(BOB) }).expect(status)
      if (refusal) expect(body).toMatchObject({ code: 'phone_rejected', ...refusal })
    })
})
