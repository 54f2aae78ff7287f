import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { smppSender, type SmppSender, type SmppSenderOptions } from 'passport-sms-otp/smpp'
import type { SmsMessage } from '../../src/index.js'
import { failover } from '../../src/senders/index.js'
import { partsOf } from '../../src/senders/smpp/parts.js'
import { ADA, BOB, clock, seconds, service } from '../support/kit.js'
import { joined, startSmsc, type Smsc, type SmscOptions } from '../support/smsc.js'

const PASSWORD = 'fg8-Wq2x'
const text = (body = 'Your code is 123456.', to = ADA): SmsMessage => ({ to, body, code: '123456' })
const never = () => undefined
const turn = () => new Promise((resolve) => { setImmediate(resolve) })
const until = async (fact: () => boolean) => { while (!fact()) await turn() }

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

async function smsc(options: SmscOptions = {}): Promise<Smsc> {
  const started = await startSmsc(options)
  ends.push(started.stop)
  return started
}

function senderTo(url: string, options: Partial<SmppSenderOptions> = {}): SmppSender {
  const sender = smppSender({ url, systemId: 'acme', password: PASSWORD, source: 'Acme', timeout: '20s', ...options })
  ends.push(sender.close)
  return sender
}

async function pair(center: SmscOptions = {}, options: Partial<SmppSenderOptions> = {}) {
  const started = await smsc(center)
  return { smsc: started, sender: senderTo(started.url, options) }
}

const send = (sender: SmppSender, message = text(), signal = new AbortController().signal) => sender.send(message, { signal })
const failure = (work: Promise<unknown>) => work.then(() => { throw new Error('It did not fail.') }, (error: unknown) => error as Error & Record<string, unknown>)
const times = <T>(count: number, work: (index: number) => Promise<T>) => Promise.all(Array.from({ length: count }, (_, index) => work(index)))
const isUnknown = ({ name, code }: Awaited<ReturnType<typeof failure>>) => name === 'Error' && code !== 'undeliverable'

describe('smppSender', () => {
  it('smppSender binds as a transceiver and hands over the text, from its source to an international number', async () => {
    const { smsc, sender } = await pair()
    expect(await send(sender)).toEqual({ id: 'sms-1' })
    expect(smsc.binds).toMatchObject([{ system_id: 'acme', password: PASSWORD, interface_version: 0x34 }])
    expect(smsc.texts).toMatchObject([{
      source_addr: 'Acme', source_addr_ton: 5, source_addr_npi: 0, destination_addr: ADA.slice(1), dest_addr_ton: 1, dest_addr_npi: 1, esm_class: 0,
      data_coding: 0, short_message: { message: 'Your code is 123456.' },
    }])
  })

  it.each([[300, 300], [1, 1], [599, 599], [3661, 3661]])('smppSender tells the SMSC to give up when the code is dead: in %i seconds', async (validFor, left) => {
    const { smsc, sender } = await pair()
    await send(sender, { ...text(), validFor })
    // The library of the other side reads a relative time as an instant.
    expect(Math.abs(Number(smsc.texts[0]!.validity_period) - Date.now() - left * 1000)).toBeLessThan(5000)
  })

  it('smppSender texts a code that works', async () => {
    const { smsc, sender } = await pair()
    const kit = service({ sender, countries: ['GB'] })
    const sent = await kit.otp.issue({ to: ADA, purpose: 'login' })
    const code = /\d{6}/.exec(joined(smsc.texts))![0]
    expect(await kit.otp.verify({ challenge: (sent as { challenge: string }).challenge, code, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })

  it('smppSender keeps one session, also when many texts come at once before there is any', async () => {
    const { smsc, sender } = await pair()
    await times(30, () => send(sender))
    await times(30, () => send(sender))
    expect(smsc.binds).toHaveLength(1)
    expect(smsc.sockets.size).toBe(1)
  })

  it('smppSender opens nothing until it is needed, or told to', async () => {
    const { smsc, sender } = await pair()
    await turn()
    expect(smsc.heard).toEqual([])
    await sender.connect()
    expect(smsc.heard).toEqual(['bind_transceiver'])
  })

  it.each([
    ['+447400123999', { source_addr: '447400123999', source_addr_ton: 1, source_addr_npi: 1 }],
    ['80080', { source_addr: '80080', source_addr_ton: 3, source_addr_npi: 0 }],
    [{ address: '80080', ton: 6, npi: 1 }, { source_addr: '80080', source_addr_ton: 6, source_addr_npi: 1 }],
  ])('smppSender sends from %j', async (source, fields) => {
    const { smsc, sender } = await pair({}, { source })
    await send(sender)
    expect(smsc.texts).toMatchObject([fields])
  })

  it.each<[object, RegExp]>([
    [{ url: 'http://127.0.0.1' }, /^url is/],
    [{ url: '127.0.0.1:2775' }, /^url is/],
    [{ url: 'smpp://acme:secret@127.0.0.1' }, /^url holds no credentials/],
    [{ url: undefined }, /^url is required/],
    [{ systemId: '' }, /^systemId is required/],
    [{ password: undefined }, /^password is required/],
    [{ password: 'pass\0word' }, /^password holds a character/],
    [{ source: 'A name that is too long' }, /^source is/],
    [{ source: 'Grüße' }, /^source is/],
    [{ window: 0 }, /^window is/],
    [{ timeout: 5000 }, /^timeout is a duration/],
    [{ timeout: '0s' }, /^timeout must be longer than nothing/],
    [{ enquireLink: '0s' }, /^enquireLink must be longer than nothing/],
    [{ enquireLink: '30d' }, /^enquireLink is at most '1d'/],
    [{ now: 7 }, /^now is a function/],
    [{ name: '' }, /^name is required/],
    [{ systemType: 7 }, /^systemType is required/],
    [{ source: { adress: '80080', ton: 3, npi: 0 } }, /no option adress. Did you mean address/],
    [{ source: { address: '80080', ton: '3', npi: 0 } }, /^source.ton and source.npi are/],
    [{ source: { address: '', ton: 3, npi: 0 } }, /^source.address is required/],
    [{ tls: {} }, /^tls has no effect/],
    [{ maxpause: '1s' }, /no option maxpause/],
  ])('smppSender refuses %j when it is made (X-07)', (options, message) => {
    expect(() => smppSender({ url: 'smpp://127.0.0.1', systemId: 'acme', password: PASSWORD, source: 'Acme', ...options })).toThrow(expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(message) }))
  })
})

describe('A text', () => {
  const submitted = async (body: string) => {
    const { smsc, sender } = await pair()
    await send(sender, text(body))
    return smsc.texts
  }

  it.each([
    ['of the GSM alphabet is sent in it, explicitly', 'Grüße @acme £5 Δ\n{^}[~]|\\€', 0],
    ['of other letters is sent in UCS-2', 'Ваш код 123456 ça 👍', 8],
  ])('a text by SMPP %s', async (_, body, coding) => {
    expect(await submitted(body)).toMatchObject([{ data_coding: coding, esm_class: 0, short_message: { message: body } }])
  })

  it.each([
    ['160 of the GSM alphabet', 'a'.repeat(160), 1],
    ['161 of the GSM alphabet', 'a'.repeat(161), 2],
    ['80 that take two places', '€'.repeat(80), 1],
    ['81 that take two places', '€'.repeat(81), 2],
    ['306 of the GSM alphabet', 'a'.repeat(306), 2],
    ['307 of the GSM alphabet', 'a'.repeat(307), 3],
    ['70 of others', 'я'.repeat(70), 1],
    ['71 of others', 'я'.repeat(71), 2],
    ['134 of others', 'я'.repeat(134), 2],
    ['135 of others', 'я'.repeat(135), 3],
    ['an emoji where a part would end', `${'я'.repeat(66)}👍${'я'.repeat(20)}`, 2],
    ['an escape where a part would end', `${'a'.repeat(152)}€${'a'.repeat(20)}`, 2],
  ])('a text by SMPP of %s arrives whole, in as few parts as it takes', async (_, body, parts) => {
    const texts = await submitted(body)
    expect(texts).toHaveLength(parts)
    expect(joined(texts)).toBe(body)
    for (const { short_message: { message } } of texts) expect(message).not.toMatch(/[\ud800-\udbff]$|^[\udc00-\udfff]/)
  })

  it('a text by SMPP in parts says which part of how many each is, under one reference (3GPP TS 23.040)', async () => {
    const texts = await submitted('a'.repeat(400))
    const headers = texts.map(({ esm_class, short_message: { udh } }) => ({ esm_class, element: [...udh![0]!] }))
    const reference = headers[0]!.element[2]
    expect(headers).toEqual([1, 2, 3].map((number) => ({ esm_class: 0x40, element: [0, 3, reference, 3, number] })))
  })

  it('a long text by SMPP has a reference of its own', async () => {
    const { smsc, sender } = await pair()
    for (const body of ['a'.repeat(161), 'b'.repeat(161)]) await send(sender, text(body))
    expect(new Set(smsc.texts.map(({ short_message }) => short_message.udh![0]![2])).size).toBe(2)
  })
})

describe('A refusal by the SMSC', () => {
  it.each([
    [0x0b, 'ESME_RINVDSTADR', false],
    [0x65, 'ESME_RX_P_APPN', false],
    [0x441, '0x00000441', false],
    [0x58, 'ESME_RTHROTTLED', true],
    [0x14, 'ESME_RMSGQFUL', true],
    [0x45, 'ESME_RSUBMITFAIL', true],
    [0x0a, 'ESME_RINVSRCADR', true],
  ])('a refusal by the SMSC with %i is definite, has the code %s, and temporary is %s', async (status, providerCode, temporary) => {
    const { sender } = await pair({ submit: () => status })
    expect(await failure(send(sender))).toMatchObject({ name: 'SmsOtpError', code: 'undeliverable', providerCode, temporary })
  })

  it.each([[0x08, 'ESME_RSYSERR'], [0xff, 'ESME_RUNKNOWNERR']])('a refusal by the SMSC with %i leaves the outcome unknown: %s does not say that the text stays', async (status, providerCode) => {
    const { sender } = await pair({ submit: () => status })
    const error = await failure(send(sender))
    expect(isUnknown(error)).toBe(true)
    expect(error).toMatchObject({ providerCode })
  })

  it('a refusal by the SMSC of a later part leaves the outcome unknown: the code may stand in an earlier part', async () => {
    const { smsc, sender } = await pair({ submit: (index) => (index === 1 ? 0x58 : 0) })
    expect(isUnknown(await failure(send(sender, text('a'.repeat(400)))))).toBe(true)
    expect(smsc.texts).toHaveLength(2)
  })

  it('a refusal by the SMSC because it forgot the session makes the next text open another', async () => {
    const { smsc, sender } = await pair({ submit: (index) => (index === 0 ? 0x04 : 0) })
    expect(await failure(send(sender))).toMatchObject({ code: 'undeliverable', providerCode: 'ESME_RINVBNDSTS', temporary: true })
    await send(sender)
    expect(smsc.binds).toHaveLength(2)
  })

  it('an answer of the SMSC that is for no text is not taken for success', async () => {
    const { sender } = await pair({ submit: (_, pdu, session) => void session.generic_nack({ sequence_number: pdu.sequence_number }) })
    expect(isUnknown(await failure(send(sender)))).toBe(true)
  })
})

describe('Without an answer', () => {
  it('a text that the SMSC did not answer before the deadline is unknown, and a late answer is ignored (S-20)', async () => {
    let answer: (status: number) => void = never
    const { smsc, sender } = await pair({ submit: (index) => (index === 0 ? new Promise<number>((resolve) => { answer = resolve }) : 0) })
    const caller = new AbortController()
    const sending = send(sender, text(), caller.signal)
    await until(() => smsc.texts.length === 1)
    caller.abort()
    expect(isUnknown(await failure(sending))).toBe(true)
    answer(0x0b)
    await send(sender)
    expect([smsc.texts.length, smsc.binds.length]).toEqual([2, 1])
  })

  it('after the connection broke the outcome is unknown for each text that was on its way', async () => {
    const { smsc, sender } = await pair({ submit: never })
    const sending = times(5, () => failure(send(sender)))
    await until(() => smsc.texts.length === 5)
    await smsc.disconnect()
    expect((await sending).every(isUnknown)).toBe(true)
  })

  it('an answer of the SMSC that nobody can read leaves the outcome unknown, and nothing crashes', async () => {
    const { smsc, sender } = await pair({ submit: (_, __, session) => void session.socket.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')) })
    expect(isUnknown(await failure(send(sender)))).toBe(true)
    await until(() => smsc.sockets.size === 0)
  })

  it('smppSender sends nothing for a deadline that has passed', async () => {
    const { smsc, sender } = await pair()
    expect(await failure(send(sender, text(), AbortSignal.abort()))).toMatchObject({ code: 'undeliverable', temporary: true })
    expect(smsc.heard).toEqual([])
  })
})

describe('A session that cannot be opened', () => {
  it.each([[0x0e, 'ESME_RINVPASWD'], [0x0f, 'ESME_RINVSYSID'], [0x0d, 'ESME_RBINDFAIL']])('a session that cannot be opened because of %i is a refusal for now, with the code %s', async (status, providerCode) => {
    const { smsc, sender } = await pair({ bind: () => status })
    expect(await failure(send(sender))).toMatchObject({ code: 'undeliverable', providerCode, temporary: true })
    await until(() => smsc.sockets.size === 0)
    expect(smsc.texts).toEqual([])
  })

  it('a session that cannot be opened because nobody listens is a refusal for now', async () => {
    const closed = await startSmsc()
    await closed.stop()
    expect(await failure(send(senderTo(closed.url)))).toMatchObject({ code: 'undeliverable', temporary: true })
  })

  it('a session that cannot be opened because the SMSC does not answer is a refusal for now, after its time-out', async () => {
    const { sender } = await pair({ bind: never }, { timeout: '20ms' })
    expect(await failure(sender.connect())).toMatchObject({ code: 'undeliverable', temporary: true })
  })

  it('a session that is not open before the deadline of a text is a refusal: the text certainly did not leave', async () => {
    const { smsc, sender } = await pair({ bind: never }, { timeout: '20s' })
    const caller = new AbortController()
    const sending = failure(send(sender, text(), caller.signal))
    await until(() => smsc.binds.length === 1)
    caller.abort()
    expect(await sending).toMatchObject({ code: 'undeliverable', temporary: true })
    await smsc.disconnect()
  })

  it('a session that is answered by something else is a refusal for now', async () => {
    const { smsc, sender } = await pair({ bind: never })
    const connecting = failure(sender.connect())
    await until(() => smsc.binds.length === 1)
    smsc.session().generic_nack({ sequence_number: smsc.binds[0].sequence_number })
    expect(await connecting).toMatchObject({ code: 'undeliverable', temporary: true, message: 'The SMSC gave an answer to something else.' })
  })

  it('a session that cannot be opened is tried once for all texts that come meanwhile, and then not before a pause', async () => {
    const time = clock()
    const { smsc, sender } = await pair({ bind: () => 0x0d }, { now: time.now })
    await times(20, () => failure(send(sender)))
    expect(await failure(send(sender))).toMatchObject({ code: 'undeliverable', providerCode: 'ESME_RBINDFAIL' })
    expect(smsc.binds).toHaveLength(1)
    time.pass(seconds(1))
    await times(20, () => failure(send(sender)))
    expect(smsc.binds).toHaveLength(2)
  })

  it('a session is tried after pauses that grow up to the longest, each by chance up to half shorter', async () => {
    const time = clock()
    const { smsc, sender } = await pair({ bind: () => 0x0d }, { now: time.now, maxPause: '5s' })
    await failure(send(sender))
    for (const [index, pause] of [1, 2, 4, 5, 5].entries()) {
      time.pass(seconds(pause) / 2 - 1)
      await failure(send(sender))
      expect(smsc.binds).toHaveLength(index + 1)
      time.pass(seconds(pause) / 2 + 1)
      await failure(send(sender))
      expect(smsc.binds).toHaveLength(index + 2)
    }
  })

  it('a session is opened once the SMSC lets it, and forgets the failures', async () => {
    const time = clock()
    let open = false
    const { smsc, sender } = await pair({ bind: () => (open ? 0 : 0x0d) }, { now: time.now })
    await failure(send(sender))
    open = true
    time.pass(seconds(1))
    await send(sender)
    await smsc.disconnect()
    open = false
    await failure(send(sender))
    open = true
    time.pass(seconds(1))
    await send(sender)
    expect(smsc.binds).toHaveLength(4)
  })

  it('a session that cannot be opened lets failover take the next sender', async () => {
    const { sender } = await pair({ bind: () => 0x0e })
    const backup = { name: 'backup', send: jest.fn(async () => ({})) }
    await send(failover([sender, backup]) as SmppSender)
    expect(backup.send).toHaveBeenCalledTimes(1)
  })
})

describe('A session that is lost', () => {
  it('a session that is lost is opened again by the next text', async () => {
    const { smsc, sender } = await pair()
    await send(sender)
    await smsc.disconnect()
    expect(await send(sender)).toEqual({ id: 'sms-2' })
    expect(smsc.binds).toHaveLength(2)
  })

  it('a session that is lost because the SMSC restarted is opened again, too', async () => {
    const { smsc: first, sender } = await pair()
    await send(sender)
    await first.stop()
    const again = await smsc({ port: first.port })
    await send(sender)
    expect(again.texts).toHaveLength(1)
  })

  it('a session that the SMSC unbinds is let go, with an answer', async () => {
    const { smsc, sender } = await pair()
    await sender.connect()
    await new Promise((resolve) => { smsc.session().unbind(resolve) })
    await until(() => smsc.sockets.size === 0)
    await send(sender)
    expect(smsc.heard).toEqual(['bind_transceiver', 'unbind_resp', 'bind_transceiver', 'submit_sm'])
  })
})

describe('A session that is idle', () => {
  it('a session that is idle asks whether the SMSC is there', async () => {
    const { smsc, sender } = await pair({}, { enquireLink: '10ms' })
    await sender.connect()
    await until(() => smsc.heard.filter((command) => command === 'enquire_link').length === 2)
    await send(sender)
    expect(smsc.binds).toHaveLength(1)
  })

  it('a session that is idle is dropped when there is no answer, and opened again by the next text', async () => {
    let alive = false
    const { smsc, sender } = await pair({ alive: () => alive }, { enquireLink: '10ms', timeout: '1s' })
    await sender.connect()
    await until(() => smsc.sockets.size === 0)
    alive = true
    await send(sender)
    expect(smsc.binds).toHaveLength(2)
  })

  it('a session asks as soon as a text got no answer, so that a dead connection does not cost every user a time-out', async () => {
    const { smsc, sender } = await pair({ submit: never, alive: () => false }, { timeout: '1s' })
    const caller = new AbortController()
    const sending = times(5, () => failure(send(sender, text(), caller.signal)))
    await until(() => smsc.texts.length === 5)
    caller.abort()
    await sending
    await until(() => smsc.sockets.size === 0)
    expect(smsc.heard.filter((command) => command === 'enquire_link')).toHaveLength(1)
  })

  it('a session answers what the SMSC asks and delivers, and survives what has no answer', async () => {
    const { smsc, sender } = await pair()
    await sender.connect()
    const session = smsc.session()
    session.alert_notification({ source_addr: '1', esme_addr: '2' })
    const answers = await Promise.all([
      new Promise<any>((resolve) => { session.enquire_link(resolve) }),
      new Promise<any>((resolve) => { session.deliver_sm({ source_addr: '447400123456', short_message: 'STOP' }, resolve) }),
    ])
    expect(answers).toMatchObject([{ command: 'enquire_link_resp', command_status: 0 }, { command: 'deliver_sm_resp', command_status: 0 }])
    await send(sender)
    expect(smsc.binds).toHaveLength(1)
  })

  it('a session that is idle does not keep the process alive, and a text on its way does', async () => {
    let answer: (status: number) => void = never
    const { smsc, sender } = await pair({ submit: () => new Promise<number>((resolve) => { answer = resolve }) })
    const active = (resource: string) => process.getActiveResourcesInfo().filter((name) => name === resource).length
    const connections = () => active('TCPSocketWrap')
    const timers = active('Timeout')
    await sender.connect()
    expect(active('Timeout')).toBe(timers)
    const idle = connections()
    const sending = send(sender)
    await until(() => smsc.texts.length === 1)
    expect(connections()).toBe(idle + 1)
    answer(0)
    await sending
    expect(connections()).toBe(idle)
  })
})

describe('The window', () => {
  it('the window holds back all but so many unanswered texts, and sends them in their order', async () => {
    const answers: (() => void)[] = []
    const { smsc, sender } = await pair({ submit: () => new Promise<number>((resolve) => { answers.push(() => { resolve(0) }) }) }, { window: 3 })
    const all = times(8, (index) => send(sender, text(`${index}`)))
    for (let answered = 0; answered < 8; answered += 1) {
      await until(() => answers.length > answered)
      expect(answers.length - answered).toBeLessThanOrEqual(3)
      answers[answered]!()
    }
    await all
    expect(joined(smsc.texts)).toBe('01234567')
  })

  it('the window refuses a text whose deadline comes before its turn: it certainly did not leave', async () => {
    const { smsc, sender } = await pair({ submit: (index) => (index === 0 ? undefined : 0) }, { window: 1 })
    const [first, second] = [new AbortController(), new AbortController()]
    const one = failure(send(sender, text(), first.signal))
    const two = failure(send(sender, text('', BOB), second.signal))
    await until(() => smsc.texts.length === 1)
    second.abort()
    expect(await two).toMatchObject({ code: 'undeliverable', temporary: true })
    first.abort()
    await one
    await send(sender)
    expect(smsc.texts.map(({ destination_addr: to }) => to)).toEqual([ADA.slice(1), ADA.slice(1)])
  })

  it('the window is not narrowed by a text that never got an answer', async () => {
    const { smsc, sender } = await pair({ submit: (index) => (index === 0 ? undefined : 0) }, { window: 1 })
    const caller = new AbortController()
    const sending = failure(send(sender, text(), caller.signal))
    await until(() => smsc.texts.length === 1)
    caller.abort()
    await sending
    expect(await send(sender)).toEqual({ id: 'sms-2' })
  })
})

describe('close()', () => {
  it('close() lets the texts on their way finish, then unbinds', async () => {
    let answer: (status: number) => void = never
    const { smsc, sender } = await pair({ submit: () => new Promise<number>((resolve) => { answer = resolve }) })
    const sending = send(sender)
    await until(() => smsc.texts.length === 1)
    const closing = sender.close()
    expect(await failure(send(sender))).toMatchObject({ code: 'undeliverable', temporary: true })
    await new Promise((resolve) => { smsc.session().enquire_link(resolve) })
    answer(0)
    expect(await sending).toEqual({ id: 'sms-1' })
    await closing
    expect(smsc.heard).toEqual(['bind_transceiver', 'submit_sm', 'enquire_link_resp', 'unbind'])
    await until(() => smsc.sockets.size === 0)
  })

  it('close() opens nothing, may be called again, and is final', async () => {
    const { smsc, sender } = await pair()
    await Promise.all([sender.close(), sender.close()])
    expect(await failure(sender.connect())).toMatchObject({ code: 'undeliverable' })
    expect(smsc.heard).toEqual([])
  })

  it('close() unbinds a session that is just being opened', async () => {
    const { smsc, sender } = await pair()
    const connecting = sender.connect()
    await sender.close()
    await connecting
    expect(smsc.heard).toEqual(['bind_transceiver', 'unbind'])
  })

  it.each<[string, SmscOptions]>([['does not answer a text', { submit: never }], ['cannot be bound', { bind: () => 0x0d }]])('close() ends also with an SMSC that %s', async (_, options) => {
    const { smsc, sender } = await pair(options, { timeout: '20ms' })
    const sending = failure(send(sender))
    await until(() => smsc.binds.length === 1)
    await sender.close()
    await sending
    await until(() => smsc.sockets.size === 0)
  })
})

describe('An error', () => {
  it.each<[string, SmscOptions]>([
    ['a refused text', { submit: () => 0x0b }],
    ['a failing SMSC', { submit: () => 0x08 }],
    ['a lost connection', { submit: (_, __, session) => void session.destroy() }],
    ['an unreadable answer', { submit: (_, __, session) => void session.socket.write(`${ADA} 123456 and more`) }],
    ['a refused session', { bind: () => 0x0e }],
    ['a silent SMSC', { bind: never }],
  ])('an SMPP error of %s holds neither number, code nor password (W-16, R-14)', async (_, options) => {
    const { sender } = await pair(options, { timeout: '100ms' })
    const shown = inspect(await failure(send(sender)), { depth: 20, showHidden: true })
    for (const secret of [ADA.slice(1), '123456', PASSWORD]) expect(shown).not.toContain(secret)
  })
})

describe('Over TLS', () => {
  it('a key for TLS that cannot be read is refused when the sender is made', () => {
    expect(() => senderTo('ssmpp://localhost', { tls: { key: 'no key' } })).toThrow(/routines/)
  })

  const folder = mkdtempSync(join(tmpdir(), 'smsc-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  beforeAll(() => {
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'])
    if (made.status !== 0) throw new Error(`This test needs openssl: ${String(made.stderr)}`)
  })
  afterAll(() => { rmSync(folder, { recursive: true }) })
  const files = () => ({ key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') })

  it('an SMSC that proves its name over TLS gets the text', async () => {
    const { smsc, sender } = await pair({ tls: files() }, { tls: { ca: files().cert } })
    await send(sender)
    expect(smsc.texts).toHaveLength(1)
  })

  it('an SMSC with another name does not even get the password', async () => {
    const { smsc, sender } = await pair({ tls: files() })
    expect(await failure(send(sender))).toMatchObject({ code: 'undeliverable', temporary: true })
    await until(() => smsc.sockets.size === 0)
    expect(smsc.heard).toEqual([])
  })
})

describe('The alphabet of the SMSC', () => {
  /** The octets of the first text, as they came. */
  const octets = async (alphabet: SmppSenderOptions['alphabet'], body: string) => {
    const parts = partsOf(body, 1, alphabet ?? 'gsm')
    return { coding: parts[0]!.data_coding, bytes: parts[0]!.short_message, parts }
  }

  it.each<[SmppSenderOptions['alphabet'], number]>([[undefined, 0x00], ['gsm', 0x00], ['latin1', 0x40], ['ascii', 0x40]])('the alphabet %s of the SMSC decides what the @ of the last line is: 0x%i (N-11)', async (alphabet, at) => {
    const { bytes, coding } = await octets(alphabet, '@acme')
    expect([coding, bytes[0], bytes.subarray(1).toString()]).toEqual([0, at, 'acme'])
  })

  it('the alphabet of the SMSC has every character that arrives; all others make it UCS-2 (N-11)', async () => {
    expect((await octets('latin1', 'Grüße £ @_$ [x]')).bytes.toString('latin1')).toBe('Grüße £ @_$ [x]')
    for (const [alphabet, body] of [['latin1', '€'], ['latin1', 'Δ'], ['latin1', 'á'], ['ascii', 'ü'], ['ascii', '£'], ['ascii', '`']] as const) {
      expect([body, (await octets(alphabet, body)).coding]).toEqual([body, 8])
    }
  })

  it('the SMPP sender cuts long texts where the alphabet of GSM is full: brackets count twice (N-11)', async () => {
    for (const [body, count] of [['a'.repeat(160), 1], ['a'.repeat(161), 2], [`${'a'.repeat(158)}[`, 1], [`${'a'.repeat(159)}[`, 2]] as const) {
      const { parts } = await octets('latin1', body)
      expect(parts).toHaveLength(count)
      expect(parts.map((part) => part.short_message.subarray(count === 1 ? 0 : 6).toString('latin1')).join('')).toBe(body)
    }
  })

  it('the alphabet of the SMSC reaches the wire, and so does a session that only sends (N-11)', async () => {
    const { smsc, sender } = await pair({}, { alphabet: 'latin1', bind: 'transmitter' })
    expect(await send(sender, text('x@acme.example #123456'))).toEqual({ id: 'sms-1' })
    expect(smsc.heard).toEqual(['bind_transmitter', 'submit_sm'])
  })

  it.each([[{ alphabet: 'utf8' }, /^alphabet is 'gsm' or 'latin1' or 'ascii'/], [{ bind: 'receiver' }, /^bind is/], [{ receipts: 1 }, /^receipts is/]])('smppSender refuses %j', (options, message) => {
    expect(() => smppSender({ url: 'smpp://127.0.0.1', systemId: 'acme', password: PASSWORD, source: 'Acme', ...options as object })).toThrow(message)
  })
})
