import { MemoryChallengeStore, SmsOtp, type SmsMessage, type SmsOtpOptions } from '../src/index.js'
import { ADA, clock, issued, minutes, SECRET, service } from './support/kit.js'

const turns = async () => { for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate) }

/** All that the store was asked to note. */
function noting() {
  const store = new MemoryChallengeStore()
  const noted: string[] = []
  const note = store.note.bind(store)
  store.note = (request) => {
    noted.push(JSON.stringify(request.notes))
    return note(request)
  }
  return { store, told: () => noted.join('\n') }
}

describe('What stands in a trace', () => {
  it.each([
    ['digits', {}, (code: string) => code],
    ['letters', { alphabet: 'alphanumeric' }, (code: string) => code.toLowerCase()],
  ])('a trace holds no code of %s that a gateway has put into its report (J-05)', async (_, options, spelt) => {
    const { store, told } = noting()
    const sent: SmsMessage[] = []
    const sender = { name: 'echo', development: true, send: async (message: SmsMessage) => { sent.push(message) } }
    const otp = new SmsOtp({ sender, store, secret: SECRET, trace: true, expectDelivery: '20s', ...options } as unknown as SmsOtpOptions)
    const answer = await otp.issue({ to: ADA, purpose: 'login', subject: 'user-7', known: true })
    const { code, reference } = sent[0]!
    expect(otp.reported({ reference: reference!, delivery: 'failed', id: `m-${spelt(code)}`, providerCode: spelt(code) })).toBe(true)
    if (answer.status === 'sent') await otp.verify({ challenge: answer.challenge, code: '000000', purpose: 'login', subject: 'user-7' })
    await turns()
    expect(told()).toContain('reported')
    expect(told().toUpperCase()).not.toContain(code.toUpperCase())
  })

  it('a trace holds no address, no id of a user and no number that the app has put into a reason or a purpose (J-05)', async () => {
    const { store, told } = noting()
    const beforeSend = ({ ip }: { ip?: string }) => ({ refuse: `ip ${ip} of user-7`, detail: `ip ${ip} of user-7` })
    const kit = service({ store, trace: true, beforeSend: beforeSend as never })
    await kit.otp.issue({ to: ADA, purpose: `change:${ADA}`, subject: 'user-7', ip: '203.0.113.9', known: true })
    await turns()
    expect(told()).toContain('refused')
    for (const secret of ['203.0.113.9', 'user-7', ADA.slice(-7)]) expect(told()).not.toContain(secret)
  })

  it('a trace keeps a reason of control characters as a line, and loses no entry by it (J-06)', async () => {
    const { store, told } = noting()
    const kit = service({ store, trace: true, beforeSend: () => ({ refuse: '\u0001'.repeat(200) }) })
    await kit.otp.issue({ to: ADA, purpose: 'login', subject: 'user-7', known: true })
    await turns()
    expect(told()).toContain('refused')
    expect((await kit.otp.trace('user-7')).map(({ type }) => type)).toEqual(['asked', 'refused'])
  })

  it('the trace of an id that reads as a number is not the trace of that number (J-02)', async () => {
    const kit = service({ trace: true, defaultCountry: 'GB' })
    await issued(kit)
    await turns()
    expect(await kit.otp.trace('+44 7400 123456')).not.toEqual([])
    expect(await kit.otp.trace('7400123456')).toEqual([])
  })
})

describe('A trace without room', () => {
  it('a trace says of no code that it expired where the right code may be among what there was no room for (J-02)', async () => {
    const time = clock()
    const sent: SmsMessage[] = []
    const sender = { name: 'gate', development: true, send: async (message: SmsMessage) => ({ id: `SM${sent.push(message)}` }) }
    const otp = new SmsOtp({ sender, secret: SECRET, now: time.now, trace: true })
    const answer = await otp.issue({ to: ADA, purpose: 'login', subject: 'user-7', known: true })
    const { code, reference } = sent[0]!
    if (answer.status === 'sent') await otp.verify({ challenge: answer.challenge, code, purpose: 'login', subject: 'user-7' })
    for (let report = 0; report < 70; report += 1) otp.reported({ reference: reference!, delivery: 'sent', id: `SM${report}` })
    await turns()
    time.pass(minutes(10))
    const types = (await otp.trace('user-7')).map(({ type }) => type)
    expect(types).toHaveLength(64)
    expect(types).not.toContain('expired')
  })
})

describe('A report that cannot be noted', () => {
  it.each([true, undefined])('a report at a process that has just begun rejects nothing while the store is down, with trace: %s (J-06)', async (trace) => {
    const store = new MemoryChallengeStore()
    const [unhandled, references]: [jest.Mock, string[]] = [jest.fn(), []]
    const options = {
      secret: SECRET, store, trace, expectDelivery: '20s', channels: ['whatsapp', 'sms'], channelFailover: true,
      sender: { name: 'gate', development: true, channels: ['sms', 'whatsapp'], send: async ({ reference }: SmsMessage) => { references.push(reference!) } },
    } as unknown as SmsOtpOptions
    await new SmsOtp(options).issue({ to: ADA, purpose: 'login', subject: 'user-7', known: true })
    store.remember = () => Promise.reject(new Error('down'))
    const another = new SmsOtp(options)
    process.on('unhandledRejection', unhandled)
    expect(another.reported({ reference: references[0]!, delivery: 'failed' })).toBe(true)
    await turns()
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})
