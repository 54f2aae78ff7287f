import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { SmsOtp, type SmsDelivery, type SmsMessage, type SmsOtpOptions } from '../src/index.js'
import { ADA, clock, minutes, SECRET, seconds } from './support/kit.js'

const page = readFileSync(join(__dirname, '../../../docs/operations.md'), 'utf8')
const block = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text).find((text) => text.includes('function whyNoText('))!
const { code } = transformSync(block, { loader: 'ts' })
// eslint-disable-next-line @typescript-eslint/no-implied-eval -- the page's own text is what is tried
const whyNoTextOf = new Function('otp', `${code}\nreturn whyNoText`) as (otp: SmsOtp) => (user: { id: string }) => Promise<string>

const turns = async () => { for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate) }

/** A service whose help desk answers as docs/operations.md shows. */
function helpDesk(options: Partial<SmsOtpOptions> = {}) {
  const time = clock()
  const messages: SmsMessage[] = []
  const sender = {
    name: 'postbox', development: true,
    send: async (message: SmsMessage) => ({ id: `SM${messages.push(message)}` }),
  }
  const otp = new SmsOtp({ sender, secret: SECRET, now: time.now, trace: true, delays: ['30s'], ...options } as SmsOtpOptions)
  const whyNoText = whyNoTextOf(otp)
  return {
    /** Some time later. */
    issue: async (wait = seconds(1)) => {
      time.pass(wait)
      const { status } = await otp.issue({ to: ADA, purpose: 'login', subject: 'user-7', known: true })
      await turns()
      return status
    },
    report: async (delivery: SmsDelivery, more = {}, text = messages.length - 1) => {
      time.pass(seconds(1))
      expect(otp.reported({ reference: messages[text]!.reference!, delivery, ...more })).toBe(true)
      await turns()
    },
    why: () => whyNoText({ id: 'user-7' }),
  }
}

describe('whyNoText of docs/operations.md', () => {
  it('the help desk is told what was last, also where it happened before: refused, sent, refused again (J-07)', async () => {
    const { issue, report, why } = helpDesk({ sendLimits: { phone: { '1h': 1 }, ip: {}, prefix: {}, country: {} } })
    expect(await why()).toMatch(/^Nobody asked/)
    expect([await issue(), await issue()]).toEqual(['sent', 'throttled'])
    expect(await why()).toMatch(/^None left: /)
    await report('delivered')
    expect(await why()).toMatch(/^Its provider says: delivered\b/)
    expect(await issue()).toBe('throttled')
    expect(await why()).toMatch(/^None left: /)
    expect(await issue(minutes(60))).toBe('sent')
    expect(await why()).toBe('postbox took it as SM2, and reported nothing since.')
    expect(await issue()).toBe('throttled')
    expect(await why()).toMatch(/^None left: /)
  })

  it.each<[string, Partial<SmsOtpOptions>]>([
    ['counted', { expectDelivery: '20s' }], ['is final', {}],
  ])('the help desk is told the report of a text that %s, also where one that is not comes later (J-07)', async (_, options) => {
    const { issue, report, why } = helpDesk(options)
    await issue()
    await report('delivered')
    await report('sent')
    expect(await why()).toMatch(/^Its provider says: delivered\b/)
    await issue(minutes(1))
    expect(await why()).toBe('postbox took it as SM2, and reported nothing since.')
    await report('sent')
    await report('undelivered', { providerCode: '30003' })
    await report('sent')
    expect(await why()).toMatch(/^Its provider says: undelivered\b.*30003/)
    await report('read')
    expect(await why()).toMatch(/^Its provider says: read\b/)
  })
})
