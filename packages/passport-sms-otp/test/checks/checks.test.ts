import { deviceSwapCheck, simSwapCheck, type SwapProvider, type SwapQuestion } from '../../src/checks/index.js'
import type { SmsOtpOptions } from '../../src/index.js'
import { createApp } from '../support/app.js'
import { ADA, BOB, issued, minutes, rejects, service } from '../support/kit.js'
import { describeOnEveryStore } from '../support/stores.js'

/** A provider of the app's own: the port is all that it has to know. */
function provider(answer: unknown) {
  const asked: SwapQuestion[] = []
  const own: SwapProvider = {
    name: 'acme',
    kinds: ['sim', 'device'],
    async swapped(question) {
      asked.push(question)
      return (typeof answer === 'function' ? answer() : answer) as Promise<boolean>
    },
  }
  return { own, asked, say: (next: unknown) => { answer = next } }
}

type Checking = Partial<Parameters<typeof simSwapCheck>[0]>

function checked(acme: ReturnType<typeof provider>, check: Checking = {}, options: Partial<SmsOtpOptions> = {}) {
  const kit = service({ delays: ['0s'], checks: { simSwap: simSwapCheck({ provider: acme.own, ...check }) }, ...options })
  const events: unknown[] = []
  kit.otp.on('send-denied', (event) => events.push(event)).on('check-unknown', (event) => events.push(event))
  return { ...kit, events, ask: (to = ADA, more = {}) => kit.otp.issue({ to, purpose: 'login', known: true, ...more }) }
}

const vetoed = { status: 'refused', reason: 'sim-swap', detail: 'It changed within 240 hours.' }

describe('A check before a text', () => {
  it('a check asks about the number, in whole hours, and the text leaves when nothing changed (C-01)', async () => {
    const acme = provider(false)
    const kit = checked(acme, { maxAge: '3d' })
    expect(await kit.ask()).toMatchObject({ status: 'sent' })
    expect(acme.asked).toEqual([{ kind: 'sim', phone: ADA, maxAge: 72 }])
    expect([kit.inbox.messages.length, kit.events]).toEqual([1, []])
  })

  it('a check refuses the text when the SIM changed, tells the app why, and delays nobody (C-03)', async () => {
    const kit = checked(provider(true), {}, { delays: ['30s'] })
    expect(await kit.ask()).toEqual(vetoed)
    expect(await kit.ask()).toEqual(vetoed)
    expect(kit.inbox.messages).toEqual([])
    expect(kit.events[0]).toEqual({ phone: '+44 •••• •••456', subject: expect.any(String), purpose: 'login', reason: 'sim-swap', detail: vetoed.detail })
  })

  it('a text that a check refused counts among the texts that came to nothing, so that nobody asks without an end (C-03)', async () => {
    const acme = provider(true)
    const kit = checked(acme, { cache: '0s' }, { unsentLimits: { phone: { '1h': 2 } } })
    for (const status of ['refused', 'refused', 'throttled', 'throttled']) expect(await kit.ask()).toMatchObject({ status })
    expect(acme.asked).toHaveLength(2)
  })

  it('a check comes after the limits: a text that they refuse is asked about nowhere (C-03)', async () => {
    const acme = provider(false)
    const kit = checked(acme, { cache: '0s' }, { sendLimits: { total: { '1h': 1 } } })
    expect(await kit.ask()).toMatchObject({ status: 'sent' })
    expect(await kit.ask(BOB)).toMatchObject({ status: 'throttled', scope: 'total' })
    expect(acme.asked).toHaveLength(1)
  })

  it('a check keeps an answer about a number for a while, by check and number (C-04)', async () => {
    const acme = provider(false)
    const device = provider(false)
    const kit = checked(acme, { cache: '10m' }, { sendLimits: { phone: {} }, checks: { simSwap: simSwapCheck({ provider: acme.own, cache: '10m' }), deviceSwap: deviceSwapCheck({ provider: device.own, cache: '1h' }) } })
    for (const to of [ADA, ADA, BOB]) await kit.ask(to)
    expect([acme.asked.length, device.asked.length]).toEqual([2, 2])
    kit.time.pass(minutes(10))
    acme.say(true)
    expect(await kit.ask()).toEqual(vetoed)
    kit.time.pass(minutes(9))
    acme.say(false)
    expect(await kit.ask()).toEqual(vetoed)
    expect([acme.asked.length, device.asked.length]).toEqual([3, 2])
  })

  it('a check of the phone refuses with a reason of its own, and is not asked when the SIM changed (C-03)', async () => {
    const [sim, device] = [provider(false), provider(true)]
    const checks = { deviceSwap: deviceSwapCheck({ provider: device.own }), simSwap: simSwapCheck({ provider: sim.own, cache: '0s' }) }
    const kit = checked(sim, {}, { checks })
    expect(await kit.ask()).toMatchObject({ status: 'refused', reason: 'device-swap' })
    sim.say(true)
    expect(await kit.ask()).toMatchObject({ reason: 'sim-swap' })
    expect([sim.asked.length, device.asked.length]).toEqual([2, 1])
  })

  const unknowns: [what: string, answer: unknown, detail: string][] = [
    ['does not know', undefined, 'acme does not know.'],
    ['answers with a text', 'false', 'acme does not know.'],
    ['answers with null', null, 'acme does not know.'],
    ['answers with a number', 0, 'acme does not know.'],
    ['rejects with a code', () => rejects(Object.assign(new Error(`No ${ADA}.`), { code: 'IDENTIFIER_NOT_FOUND' })), 'acme failed: IDENTIFIER_NOT_FOUND.'],
    ['rejects with a sentence for a code', () => rejects(Object.assign(new Error('x'), { code: `no ${ADA}` })), 'acme failed: Error.'],
    ['rejects with the number for a code', () => rejects(Object.assign(new Error('x'), { code: ADA.slice(1) })), 'acme failed: Error.'],
    ['rejects with a code that is a number', () => rejects(Object.assign(new Error('x'), { code: 60606 })), 'acme failed: 60606.'],
    ['rejects with nothing', () => rejects(undefined), 'acme failed: undefined.'],
    ['throws', () => { throw new TypeError(`No ${ADA}.`) }, 'acme failed: TypeError.'],
    ['never answers', () => new Promise(() => undefined), 'acme did not answer in time.'],
  ]

  it.each(unknowns)('a check refuses where the provider %s, and says so without the number (C-02)', async (_, answer, detail) => {
    const acme = provider(answer)
    const kit = checked(acme, { timeout: '20ms' })
    expect(await kit.ask()).toEqual({ status: 'refused', reason: 'sim-swap', detail })
    expect(kit.inbox.messages).toEqual([])
    expect(kit.events).toMatchObject([{ check: 'sim-swap', provider: 'acme', detail, allowed: false }, { reason: 'sim-swap', detail }])
    expect(JSON.stringify(kit.events)).not.toContain('7400')
    // It is asked anew: what nobody knew is not remembered.
    acme.say(false)
    expect(await kit.ask()).toMatchObject({ status: 'sent' })
  })

  it.each(unknowns)('a check lets the text leave where the provider %s and the app wants so, and tells the app (C-02)', async (_, answer, detail) => {
    const kit = checked(provider(answer), { timeout: '20ms', onUnknown: 'allow' })
    expect(await kit.ask()).toMatchObject({ status: 'sent' })
    expect(kit.events).toMatchObject([{ check: 'sim-swap', detail, allowed: true }])
  })

  it('a check tells nobody but the holder of an account: a stranger reads that the text left, and no code is right (C-05)', async () => {
    const acme = provider(false)
    const options = { checks: { simSwap: simSwapCheck({ provider: acme.own, cache: '0s' }) }, sendLimits: { total: { '1d': 3 } } }
    const kit = checked(acme, {}, options)
    const start = (to: string) => kit.otp.start({ to, purpose: 'login', mayText: () => true })
    const plain = await start(BOB)
    acme.say(true)
    const silent = await start(ADA)
    expect({ ...silent, challenge: '', to: '' }).toEqual({ ...plain, challenge: '', to: '' })
    expect(kit.inbox.messages.map(({ to }) => to)).toEqual([BOB])
    expect(kit.events).toMatchObject([{ reason: 'sim-swap' }])
    // What others share is given back: two more texts may leave.
    acme.say(false)
    for (const to of ['+447400123458', '+447400123459']) expect(await start(to)).toMatchObject({ status: 'sent' })
    expect(kit.inbox.messages).toHaveLength(3)
    expect(await start('+447400123460')).toMatchObject({ status: 'throttled', scope: 'total' })
  })

  it('a check is asked about a number that is not texted, too: how long an answer takes tells nothing (C-05)', async () => {
    const acme = provider(false)
    const kit = checked(acme)
    await kit.otp.start({ to: ADA, purpose: 'login', mayText: () => false })
    expect([acme.asked.length, kit.inbox.messages.length]).toEqual([1, 0])
  })

  it('a check leaves an earlier code good when it refuses the next text (C-03)', async () => {
    const acme = provider(false)
    const kit = checked(acme, { cache: '0s' })
    const { challenge, code } = await issued(kit, { known: true })
    acme.say(true)
    expect(await kit.otp.resend({ challenge })).toEqual(vetoed)
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })

  it.each<[string, () => unknown, RegExp]>([
    ['no provider', () => simSwapCheck({} as never), /^simSwapCheck needs a provider/],
    ['a provider without kinds', () => simSwapCheck({ provider: { name: 'x', swapped: async () => true } as never }), /needs a provider/],
    ['a provider that knows nothing of phones', () => deviceSwapCheck({ provider: { ...provider(false).own, kinds: ['sim'] } }), /knows of a device swap: 'acme' does not/],
    ['a part of an hour', () => simSwapCheck({ provider: provider(false).own, maxAge: '90m' }), /^maxAge is of whole hours/],
    ['more hours than operators are asked about', () => simSwapCheck({ provider: provider(false).own, maxAge: '2401h' }), /^maxAge is at most/],
    ['a word that is not known', () => simSwapCheck({ provider: provider(false).own, onUnknown: 'ignore' as never }), /^onUnknown is "refuse" or "allow"/],
    ['a misspelt option', () => simSwapCheck({ provider: provider(false).own, maxage: '1h' } as never), /no option maxage. Did you mean maxAge/],
    ['a limit that is none', () => simSwapCheck({ provider: provider(false).own, limits: { '1h': 0 } }), /limits of simSwapCheck/],
    ['a check in the place of another', () => service({ checks: { simSwap: deviceSwapCheck({ provider: provider(false).own }) } }), /^checks.simSwap is what simSwapCheck/],
    ['options in place of a check', () => service({ checks: { deviceSwap: { provider: provider(false).own } as never } }), /^checks.deviceSwap is what deviceSwapCheck/],
    ['a misspelt check', () => service({ checks: { simswap: 1 } as never }), /Did you mean simSwap/],
  ])('a check with %s is refused at start-up', (_, make, message) => {
    expect(make).toThrow(message)
  })
})

describeOnEveryStore('The budget of a check', (shelf) => {
  it('the budget of a check is shared by all servers with one store: beyond it nobody knows (C-04)', async () => {
    const acme = provider(false)
    let now = Date.now()
    const { store, again } = shelf(() => now)
    const options = { cache: '0s', limits: { '1h': 2 } } as const
    const [one, other] = [checked(acme, options, { store }), checked(acme, options, { store: again() })]
    expect(await one.ask()).toMatchObject({ status: 'sent' })
    expect(await other.ask(BOB)).toMatchObject({ status: 'sent' })
    expect(await one.ask('+447400123458')).toEqual({ status: 'refused', reason: 'sim-swap', detail: 'The limits of this check are spent.' })
    expect(acme.asked).toHaveLength(2)
    now += minutes(60)
    expect(await one.ask('+447400123458')).toMatchObject({ status: 'sent' })
  })
})

describe('The strategy', () => {
  const send = (answer: unknown, more: Parameters<typeof createApp>[0]) => {
    const { strategy, ...others } = more ?? {}
    const app = createApp({ strategy: { checks: { simSwap: simSwapCheck({ provider: provider(answer).own }) }, ...strategy }, ...others })
    return { app, sent: app.agent().post('/send').send({ phone: ADA }) }
  }

  it('the strategy says send_refused with the reason to a user with an account, for whom another factor may be at hand (C-03)', async () => {
    const { app, sent } = send(true, { user: { id: '1', phone: ADA } })
    const { status, body } = await sent
    expect([status, body]).toMatchObject([403, { code: 'send_refused', reason: 'sim-swap' }])
    expect(app.inbox.messages).toEqual([])
  })

  it('the strategy says no reason to a stranger, and where no answer tells accounts apart, nothing at all (C-05)', async () => {
    const open = send(true, {})
    const { status, body } = await open.sent
    expect([status, body.code, body.reason]).toEqual([403, 'send_refused', undefined])
    const answers = await Promise.all([true, false].map((swapped) => send(swapped, { strategy: { mayText: () => true } }).sent))
    const [refused, texted] = answers.map(({ status, body }) => ({ status, members: Object.keys(body).sort() }))
    expect(refused).toEqual(texted)
    expect(texted!.status).toBe(200)
  })
})
