import { createHmac } from 'node:crypto'
import { reportWebhook, type ReportWebhookOptions } from '../../src/senders/index.js'

const secret = 'a-secret-of-the-gateway'
const read: ReportWebhookOptions['read'] = ({ ref, state }) => ({ reference: String(ref), delivery: state === 'DLV' ? 'delivered' : 'failed' })
const body = { ref: 'abc', state: 'DLV' }

describe('reportWebhook', () => {
  it.each(['authorization', 'x-key'])('reportWebhook reads a report that brings the secret in the header %s (H-05)', (header) => {
    const webhook = reportWebhook({ secret: ['another-secret-of-before', secret], header, read })
    expect(webhook({ headers: { [header]: secret }, body })).toEqual({ status: 'reported', reference: 'abc', delivery: 'delivered' })
    for (const headers of [{}, { [header]: '' }, { [header]: `${secret}x` }, { [header]: [secret] }, { other: secret }]) {
      expect(webhook({ headers, body })).toEqual({ status: 'refused' })
    }
  })

  it.each(['sha256', 'sha512'] as const)('reportWebhook reads a report whose bytes are signed by HMAC with %s (H-05)', (hmac) => {
    const webhook = reportWebhook({ secret, header: 'X-Signature', hmac, read })
    const bytes = Buffer.from(JSON.stringify(body))
    const mac = createHmac(hmac, secret).update(bytes)
    const digest = mac.digest()
    for (const proof of [digest.toString('hex'), digest.toString('hex').toUpperCase(), digest.toString('base64'), `${hmac}=${digest.toString('hex')}`]) {
      expect(webhook({ headers: { 'x-signature': proof }, body: bytes })).toMatchObject({ status: 'reported' })
    }
    const signed = { 'x-signature': digest.toString('hex') }
    expect(webhook({ headers: signed, body: Buffer.from('{"ref":"abd","state":"DLV"}') })).toEqual({ status: 'refused' })
    expect(webhook({ headers: signed, body })).toEqual({ status: 'refused' })
    expect(webhook({ headers: { 'x-signature': secret }, body: bytes })).toEqual({ status: 'refused' })
  })

  it('reportWebhook refuses a body that a parser has read before it, and warns once of it (H-05)', async () => {
    jest.resetModules()
    const { reportWebhook: fresh } = await import('../../src/senders/report-webhook.js')
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const webhook = fresh({ secret, header: 'x-signature', hmac: 'sha256', read })
    const text = JSON.stringify(body)
    const headers = { 'x-signature': createHmac('sha256', secret).update(text).digest('hex') }
    expect(webhook({ headers, body: text })).toMatchObject({ status: 'reported' })
    expect(warn).not.toHaveBeenCalled()
    for (let times = 0; times < 3; times += 1) expect(webhook({ headers, body: JSON.parse(text) })).toEqual({ status: 'refused' })
    expect(warn.mock.calls).toEqual([[expect.stringContaining('express.raw'), { code: 'SMS_OTP_REPORT_PARSED' }]])
    warn.mockRestore()
  })

  it('reportWebhook reads a form as well, and ignores what is no report (H-05)', () => {
    const webhook = reportWebhook({ secret, read: ({ ref, state }) => (ref === 'abc' ? { reference: 'abc', delivery: state as never } : undefined) })
    const headers = { authorization: `Bearer ${secret}` }
    expect(webhook({ headers, body: Buffer.from('ref=abc&state=delivered') })).toMatchObject({ status: 'reported', delivery: 'delivered' })
    for (const other of [undefined, null, 'x', 7, {}, { ref: 'abc', state: 'eaten' }, Buffer.from('')]) {
      expect(webhook({ headers, body: other })).toEqual({ status: 'ignored' })
    }
  })

  it.each<[object, RegExp]>([
    [{ read }, /secret/], [{ secret: [], read }, /secret is required/], [{ secret: 'short', read }, /at least 16/], [{ secret }, /read says/], [{ secret, read: 'x' }, /read/],
    [{ secret, read, hmac: 'md5' }, /hmac/], [{ secret, read, header: '' }, /header/], [{ secret, read, token: 'x' }, /token/],
  ])('reportWebhook throws for %j (H-05)', (options, message) => {
    expect(() => reportWebhook(options as ReportWebhookOptions)).toThrow(TypeError)
    expect(() => reportWebhook(options as ReportWebhookOptions)).toThrow(message)
  })
})
