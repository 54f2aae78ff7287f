import { SmsOtpError, type SmsMessage, type SmsSender } from '../../src/index.js'
import { consoleSender, failover, httpSender } from '../../src/senders/index.js'
import { deadUrl } from '../support/gateway.js'
import { ADA, clock, codeIn, issued, seconds, service } from '../support/kit.js'

type Send = SmsSender['send']

const text: SmsMessage = { to: ADA, body: 'Your code is 123456.', code: '123456' }
const works: Send = async () => ({ id: 'sms-1' })
const hangs: Send = () => new Promise(() => undefined)
const breaks: Send = async () => { throw new Error(`socket hang up: To=${ADA}&Body=123456`) }
const refuses = (options: { providerCode?: string, temporary?: boolean, tryNext?: boolean | undefined }): Send => async () => { throw new SmsOtpError('undeliverable', 'No.', options) }
const busy = refuses({ providerCode: '30001', temporary: true })
const optedOut = refuses({ providerCode: '21610', temporary: false })

const fake = (name: string, send: Send) => ({ name, send: jest.fn(send) })
const send = (sender: SmsSender, signal = new AbortController().signal) => sender.send(text, { signal })
const outcome = (sender: SmsSender) => send(sender).then(() => 'sent', (error: unknown) => (error as Partial<SmsOtpError>).code ?? 'unknown')
const times = (count: number, work: () => Promise<unknown>) => Promise.all(Array.from({ length: count }, work))

describe('failover', () => {
  it('failover is named after its senders, and is for development only if all of them are', () => {
    const real = fake('twilio', works)
    const virtual = { ...fake('inbox', works), development: true }
    expect(failover([real, virtual])).toMatchObject({ name: 'failover(twilio, inbox)' })
    expect(failover([real, virtual]).development).toBeUndefined()
    expect(failover([virtual, virtual]).development).toBe(true)
  })

  it.each([[[], {}], [undefined, {}], [[fake('a', works)], { timeout: 9000 }], [[fake('a', works)], { pause: 'soon' }], [[fake('a', works)], { tryAgain: () => true }]])('failover refuses senders %j with %j', (senders, options) => {
    expect(() => failover(senders as never, options as never)).toThrow(TypeError)
  })

  it.each<[string, unknown, unknown, RegExp]>([
    ['a sender that was not made', [fake('a', works), consoleSender], {}, /number 2 of the list is no sender/],
    ['senders that are no list', fake('a', works), fake('b', works), /takes a list of senders/],
    ['no time at all', [fake('a', works)], { timeout: '0s' }, /timeout must be longer than nothing/],
    ['more time than a timer holds', [fake('a', works)], { timeout: '30d' }, /timeout is at most '1d'/],
    ['a tryNext that is no function', [fake('a', works)], { tryNext: true }, /^tryNext is a function/],
    ['a clock that is none', [fake('a', works)], { now: 7 }, /^now is a function/],
  ])('failover refuses %s, and says what to write (X-07)', (_, senders, options, message) => {
    expect(() => failover(senders as never, options as never)).toThrow(expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(message) }))
  })

  it('failover asks the first sender alone while it works', async () => {
    const [first, second] = [fake('a', works), fake('b', works)]
    expect(await send(failover([first, second]))).toEqual({ id: 'sms-1', sender: 'a' })
    expect(second.send).not.toHaveBeenCalled()
  })

  it.each([['breaks', breaks], ['throws at once', () => { throw new TypeError('no client') }], ['refuses it for now', busy]])('failover gives the same text and code to the next sender when one %s', async (_, trouble) => {
    const [first, second] = [fake('a', trouble), fake('b', works)]
    const kit = service({ sender: { ...failover([first, second]), development: true } })
    expect(await kit.otp.issue({ to: ADA, purpose: 'login' })).toMatchObject({ status: 'sent' })
    expect(second.send.mock.calls[0]![0]).toEqual(first.send.mock.calls[0]![0])
  })

  it('failover texts a code that works, through the second of two senders', async () => {
    const kit = service()
    const otp = service({ sender: failover([{ name: 'dead', development: true, send: breaks }, kit.inbox]) })
    const { challenge, code } = await issued({ ...otp, inbox: kit.inbox })
    expect(code).toBe(codeIn(kit.inbox))
    expect(await otp.otp.verify({ challenge, code, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })
})

describe('A gateway where nobody listens', () => {
  it('a gateway where nobody listens certainly sent nothing: the next one does, and says who it was', async () => {
    const kit = service()
    const dead = httpSender({ url: await deadUrl(), payload: 'to=$ctx.num&text=$ctx.msg', name: 'dead' })
    const otp = service({ sender: { ...failover([dead, kit.inbox]), development: true } }).otp
    const heard: unknown[] = []
    otp.on('sent', (event) => heard.push(event))
    expect(await otp.issue({ to: ADA, purpose: 'login' })).toMatchObject({ status: 'sent' })
    expect(heard).toEqual([expect.objectContaining({ provider: 'inbox', messageId: '1' })])
  })

  it('a gateway where nobody listens is the outcome when there is no other, and takes the challenge back', async () => {
    const dead = httpSender({ url: await deadUrl(), payload: 'to=$ctx.num&text=$ctx.msg', name: 'dead' })
    const { otp } = service({ sender: failover([dead]), countries: ['GB'] })
    expect(await otp.issue({ to: ADA, purpose: 'login' })).toEqual({ status: 'undeliverable', provider: 'failover(dead)', providerCode: 'unreachable', temporary: true })
  })

  it('a gateway where nobody listens is passed over for a while, as one that broke', async () => {
    const [first, second] = [fake('a', refuses({ providerCode: 'unreachable', temporary: true })), fake('b', works)]
    const sender = failover([first, second])
    for (let texts = 0; texts < 3; texts += 1) expect(await outcome(sender)).toBe('sent')
    expect(first.send).toHaveBeenCalledTimes(1)
  })
})

describe('A refusal for good', () => {
  it('a refusal for good is final: another sender would text a person who opted out', async () => {
    const [first, second] = [fake('a', optedOut), fake('b', works)]
    await expect(send(failover([first, second]))).rejects.toMatchObject({ code: 'undeliverable', providerCode: '21610', temporary: false })
    expect(second.send).not.toHaveBeenCalled()
  })

  it('a refusal is for good where the sender does not say whether it is temporary', async () => {
    const [first, second] = [fake('a', refuses({})), fake('b', works)]
    expect(await outcome(failover([first, second]))).toBe('undeliverable')
    expect(second.send).not.toHaveBeenCalled()
  })

  it.each<[boolean, boolean | undefined, string, string]>([
    [false, false, 'undeliverable', 'it is about the number'],
    [true, false, 'undeliverable', 'it is a suspicion of fraud'],
    [false, true, 'sent', 'it is about the account of that sender'],
    [true, undefined, 'sent', 'it is about the moment'],
    [false, undefined, 'undeliverable', 'the sender did not say'],
  ])('a refusal is told from others by the sender (temporary: %s, tryNext: %s) and ends %s, because %s', async (temporary, tryNext, end) => {
    expect(await outcome(failover([fake('a', refuses({ temporary, tryNext })), fake('b', works)]))).toBe(end)
  })

  it('a refusal can be judged by the app', async () => {
    const tryNext = jest.fn(() => true)
    const sender = failover([fake('a', optedOut), fake('b', works)], { tryNext })
    expect(await outcome(sender)).toBe('sent')
    expect(tryNext.mock.calls).toEqual([[{ sender: 'a', providerCode: '21610', temporary: false, tryNext: false }]])
  })

  it('a refusal for good does not count as a broken sender', async () => {
    const first = fake('a', optedOut)
    const sender = failover([first, fake('b', works)])
    await times(3, () => outcome(sender))
    expect(first.send).toHaveBeenCalledTimes(3)
  })
})

describe('When all senders fail', () => {
  it('when all senders fail, the last refusal is the outcome', async () => {
    await expect(send(failover([fake('a', busy), fake('b', refuses({ providerCode: '20429', temporary: true }))]))).rejects.toMatchObject({ code: 'undeliverable', providerCode: '20429' })
  })

  it.each([[breaks, busy], [busy, breaks], [breaks, optedOut]])('when all senders fail, the outcome is unknown as soon as one may have sent the text', async (one, other) => {
    expect(await outcome(failover([fake('a', one), fake('b', other)]))).toBe('unknown')
  })

  it('when all senders fail, the error tells who, and neither number nor code (W-16, R-14)', async () => {
    const error = await send(failover([fake('a', breaks), fake('b', busy)])).then(() => undefined, (reason: unknown) => reason as Error)
    expect(error!.message).toBe('No sender is known to have taken the text: a did not answer, b refused it (30001).')
    expect(error).not.toHaveProperty('cause')
  })
})

describe('The deadline', () => {
  beforeEach(() => { jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }) })
  afterEach(() => { jest.useRealTimers() })

  const asked = (sender: { send: jest.Mock }) => sender.send.mock.calls.length

  it('the deadline is one for all senders: each gets an equal share of what is left', async () => {
    const [first, second, third] = [fake('a', hangs), fake('b', busy), fake('c', hangs)]
    const done = jest.fn()
    void outcome(failover([first, second, third], { timeout: '9s' })).then(done)
    await jest.advanceTimersByTimeAsync(2999)
    expect([asked(first), asked(second)]).toEqual([1, 0])
    await jest.advanceTimersByTimeAsync(1)
    expect([asked(second), asked(third)]).toEqual([1, 1])
    await jest.advanceTimersByTimeAsync(5999)
    expect(done).not.toHaveBeenCalled()
    await jest.advanceTimersByTimeAsync(1)
    expect(done).toHaveBeenCalledWith('unknown')
  })

  it('the deadline tells a sender by its signal that nobody waits for it any more', async () => {
    const first = fake('a', hangs)
    const sending = send(failover([first, fake('b', works)], { timeout: '2s' }))
    await jest.advanceTimersByTimeAsync(1000)
    await sending
    expect((first.send.mock.calls[0]![1]).signal.aborted).toBe(true)
  })

  it('the deadline of the caller ends failover: what a sender answers afterwards sends nothing more', async () => {
    let answer: (error: Error) => void = () => undefined
    const [first, second] = [fake('a', () => new Promise((_, reject) => { answer = reject })), fake('b', works)]
    const caller = new AbortController()
    const sending = send(failover([first, second]), caller.signal)
    caller.abort()
    answer(new SmsOtpError('undeliverable', 'Busy.', { temporary: true }))
    await expect(sending).rejects.toMatchObject({ code: 'undeliverable' })
    expect(first.send.mock.calls[0]![1].signal.aborted).toBe(true)
    expect(second.send).not.toHaveBeenCalled()
  })

  it('a deadline that has passed already sends nothing', async () => {
    const first = fake('a', works)
    await expect(send(failover([first]), AbortSignal.abort())).rejects.toThrow('No sender is known to have taken the text in time.')
    expect(first.send).not.toHaveBeenCalled()
  })

  it('the deadline makes a dead provider cost one time-out, not one for each user', async () => {
    const [first, second] = [fake('a', hangs), fake('b', works)]
    const sender = failover([first, second], { timeout: '8s' })
    const one = outcome(sender)
    await jest.advanceTimersByTimeAsync(4000)
    expect(await one).toBe('sent')
    expect(new Set(await times(100, () => outcome(sender)))).toEqual(new Set(['sent']))
    expect(asked(first)).toBe(1)
    expect(asked(second)).toBe(101)
  })

  it('the deadline makes users who came at the same moment wait at the same time, once', async () => {
    const first = fake('a', hangs)
    const sender = failover([first, fake('b', works)], { timeout: '8s' })
    const all = times(100, () => outcome(sender))
    await jest.advanceTimersByTimeAsync(4000)
    expect(new Set(await all)).toEqual(new Set(['sent']))
  })

  it('the deadline leaves the whole of itself to the others while a sender is passed over', async () => {
    const sender = failover([fake('a', breaks), fake('b', hangs), fake('c', works)], { timeout: '8s' })
    const done = jest.fn()
    void outcome(sender).then(() => outcome(sender)).then(done)
    await jest.advanceTimersByTimeAsync(4000)
    expect(done).toHaveBeenCalledWith('sent')
  })
})

describe('A sender that broke', () => {
  const setUp = async (trouble: Send = breaks) => {
    const time = clock()
    const [first, second] = [fake('a', trouble), fake('b', works)]
    const sender = failover([first, second], { pause: '30s', now: time.now })
    await outcome(sender)
    first.send.mockClear()
    return { time, first, second, sender }
  }

  it('a sender that broke is passed over for the pause', async () => {
    const { time, first, sender } = await setUp()
    time.pass(seconds(30) - 1)
    expect(await outcome(sender)).toBe('sent')
    expect(first.send).not.toHaveBeenCalled()
  })

  it('a sender that broke is then tried by exactly one of many requests, and stays out when it breaks again', async () => {
    const { time, first, sender } = await setUp()
    time.pass(seconds(30))
    expect(new Set(await times(50, () => outcome(sender)))).toEqual(new Set(['sent']))
    expect(first.send).toHaveBeenCalledTimes(1)
    time.pass(seconds(30) - 1)
    await outcome(sender)
    expect(first.send).toHaveBeenCalledTimes(1)
    time.pass(1)
    await times(50, () => outcome(sender))
    expect(first.send).toHaveBeenCalledTimes(2)
  })

  it('a sender that broke is tried by nobody else while that one waits, however long', async () => {
    const { time, first, sender } = await setUp()
    time.pass(seconds(30))
    let answer: (sent: object) => void = () => undefined
    first.send.mockImplementation(() => new Promise((resolve) => { answer = resolve }))
    const probe = outcome(sender)
    time.pass(seconds(3600))
    await times(50, () => outcome(sender))
    expect(first.send).toHaveBeenCalledTimes(1)
    answer({})
    expect(await probe).toBe('sent')
  })

  it.each([['takes the text', works], ['refuses it', optedOut]])('a sender that broke is back for all once it %s', async (_, healthy) => {
    const { time, first, sender } = await setUp()
    time.pass(seconds(30))
    first.send.mockImplementation(healthy)
    await outcome(sender)
    await times(10, () => outcome(sender))
    expect(first.send).toHaveBeenCalledTimes(11)
  })

  it('a broken sender further down the list is tried by one request only, too', async () => {
    const time = clock()
    const [first, second] = [fake('a', works), fake('b', breaks)]
    first.send.mockImplementationOnce(busy)
    const sender = failover([first, second], { pause: '30s', now: time.now })
    expect(await outcome(sender)).toBe('unknown')
    time.pass(seconds(30))
    first.send.mockImplementation(busy)
    expect(await times(5, () => outcome(sender))).toEqual(['unknown', ...Array<string>(4).fill('undeliverable')])
    expect(second.send).toHaveBeenCalledTimes(2)
  })

  it('a broken sender is asked all the same when every other is broken too: there is nothing to lose', async () => {
    const { second, first, sender } = await setUp()
    second.send.mockImplementation(breaks)
    expect(await outcome(sender)).toBe('unknown')
    first.send.mockImplementation(works)
    expect(await outcome(sender)).toBe('sent')
  })
})
