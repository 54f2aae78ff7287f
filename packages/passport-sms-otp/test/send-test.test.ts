import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sendTest } from '../src/send-test.js'

describe('The command send-test', () => {
  const folder = mkdtempSync(join(tmpdir(), 'send-test-'))
  afterAll(() => { rmSync(folder, { recursive: true }) })

  /** A module of an app, as CommonJS, whose sender does this. */
  const senderThat = (work: string, name = `${Math.random()}.cjs`) => {
    const path = join(folder, name)
    writeFileSync(path, `exports.sender = { name: 'mine', async send(message) { globalThis.sentByTest = message; ${work} }, async close() { globalThis.closedByTest = true } }`)
    return path
  }
  const run = async (args: string[], env: Record<string, string> = {}) => {
    const lines: string[] = []
    Reflect.set(globalThis, 'sentByTest', undefined)
    const status = await sendTest(args, { env, print: (line) => lines.push(line) })
    return { status, said: lines.join('\n'), sent: Reflect.get(globalThis, 'sentByTest') as unknown }
  }

  it('the command send-test sends one text through the sender of a module, and says what the provider said (N-13)', async () => {
    const { status, said, sent } = await run(['send-test', '+44 7400 123456', '--sender', senderThat('return { id: "SM1", status: "queued" }')])
    expect([status, sent]).toEqual([0, { to: '+447400123456', body: '000000 is a test of passport-sms-otp. It opens nothing.', code: '000000', validFor: 300 }])
    expect(said).toMatch(/Sending to \+44 •••• •••456 \(GB\) by mine[\s\S]*Taken, id SM1, status queued/)
    expect(Reflect.get(globalThis, 'closedByTest')).toBe(true)
  })

  it('the command send-test takes a sender at its word that answers nothing (N-13)', async () => {
    const { status, said } = await run(['send-test', '+447400123456', '--sender', senderThat('')])
    expect([status, said]).toEqual([0, expect.stringContaining('Taken. ')])
  })

  it.each<[string, 1 | 3, RegExp, string]>([
    ['a refusal', 1, /^Refused \(20003\), for good: no/m, 'throw Object.assign(new Error("no"), { code: "undeliverable", providerCode: "20003", temporary: false })'],
    ['a refusal for now', 1, /^Refused, for now: no/m, 'throw Object.assign(new Error("no"), { code: "undeliverable", temporary: true })'],
    ['trouble', 3, /^Nobody knows whether it left: broken/m, 'throw new Error("broken")'],
    ['silence', 3, /^Nobody knows/m, 'await new Promise(() => undefined)'],
  ])('the command send-test tells %s apart by its exit status (N-13)', async (_, expected, message, work) => {
    const { status, said } = await run(['send-test', '+447400123456', '--timeout', '0.05', '--sender', senderThat(work)])
    expect([status, said]).toEqual([expected, expect.stringMatching(message)])
  })

  it('the command send-test sends nothing with --dry-run, and shows what it would (N-13)', async () => {
    const { status, said, sent } = await run(['send-test', '+447400123456', '--dry-run'], { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 'secret-token', TWILIO_FROM: '+15005550006' })
    expect([status, sent]).toEqual([0, undefined])
    expect(said).toMatch(/^Would send to .* by twilio/)
    expect(said).not.toMatch(/secret-token|447400123456/)
  })

  it.each<[string[], RegExp]>([
    [[], /send-test \+44/], [['send-test'], /send-test \+44/], [['send', '+447400123456'], /send-test/], [['send-test', '07400 123456'], /country code/], [['send-test', '+447400123456', '+447400123457'], /send-test/],
    [['send-test', '+447400123456'], /No sender/], [['send-test', '+447400123456', '--timeout', 'x'], /--timeout/], [['send-test', '+447400123456', '--force'], /--force/],
    [['send-test', '+447400123456', '--sender', __filename.replace('send-test.test.ts', 'requirements.json')], /./],
  ])('the command send-test does not send for what it cannot understand: %j (N-13)', async (args, message) => {
    await expect(run(args)).rejects.toThrow(message)
  })
})
