import { CALLBACK, DISCOVERY, ISSUER, ADA } from './support/exchange.js'
import { gsmaDiscovery } from '../src/index.js'

const discovery = gsmaDiscovery({ url: DISCOVERY, clientId: 'a', clientSecret: 'b', redirectURL: CALLBACK, issuers: [ISSUER] })
const returned = (query: string) => discovery.returned(new URLSearchParams(query))

describe('A return from the operator-selection page', () => {
  it.each<[string, object]>([
    ['mcc_mnc=234_15', { mcc: '234', mnc: '15' }],
    ['mcc_mnc=234_15&correlation_id=0b1c', { correlationId: '0b1c' }],
    ['mcc_mnc=234_15&correlation_id=a%26b', { correlationId: undefined }],
  ])('a return from the operator-selection page is read as a choice: %s', (query, parts) => { expect(returned(query)).toMatchObject({ status: 'selected', ...parts }) })

  it.each([
    '456789', '', '_', '234_', '_15', '234_15_1', '234-15', '234_15 ', ' 234_15', '234_1a', '２３４_15', '-1_15', '234_15%0A', '999999999_1', '1e3_15', '234_15&mcc_mnc=262_01', '234_15&mcc_mnc=234_15',
  ])('a return from the operator-selection page is malformed unless mcc_mnc is two parts of digits, once: %j (M-19)', (value) => {
    expect(returned(`mcc_mnc=${value}`)).toEqual({ status: 'malformed' })
  })

  it.each(['endpoint=https://evil.example', 'client_id=evil&client_secret=evil', 'issuer=https://evil.example', 'authorization=https://evil.example', 'subscriber_id=3b2e3a', 'subscriber_id_token=a.b.c'])(
    'a return from the operator-selection page cannot say where the operator is, what it knows this app by, or whose phone it is: %s (M-19, C-07)', (more) => {
      expect(returned(`mcc_mnc=234_15&${more}`)).toEqual({ status: 'selected', mcc: '234', mnc: '15' })
    })

  it.each(['error=Not_Found_Entity&description=Operator%20Not%20Found', 'err_msg=MSISDNNotFound', 'err_msg=NotSupportedOperatorMSISDN'])('a return from the operator-selection page is a failure: %s', (query) => {
    expect(returned(query)).toMatchObject({ status: 'failed', cause: expect.any(Error) })
  })

  it('a return from the operator-selection page is a refusal when the person would choose no operator', () => {
    expect(returned('error=access_denied&error_description=no')).toEqual({ status: 'refused' })
    expect(returned('error=access_denied&error=x')).toMatchObject({ status: 'failed' })
  })

  it('a failed return from the operator-selection page keeps its words in the cause, without numbers, and bounded (M-32, R-80)', () => {
    const failed = returned(`error=x&error_description=${ADA}%20${'y'.repeat(5000)}`)
    const { message } = (failed as unknown as { cause: Error }).cause
    expect(message).toContain('x: •••••••••456')
    expect(message.length).toBeLessThan(400)
  })

  it.each(['', 'foo=bar', 'code=1&state=2', 'error=access_denied&state=2', 'state=2', 'code=1&mcc_mnc=234_15', 'subscriber_id=ab12'])('a request with the query %j is no return from the operator-selection page', (query) => {
    expect(returned(query)).toBeUndefined()
  })
})
