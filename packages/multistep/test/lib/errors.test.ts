import { MultistepError, problemOf, problemOfFailure } from '../../src/lib/errors.js'
import { parseId } from '../../src/stores/keys.js'
import { amountText, checkCurrencies, flawOfAmount } from '../../src/step-up/money.js'

describe('an error of this package', () => {
  it.each<[string, { status?: number }, number, boolean]>([
    ['login_required', {}, 401, true],
    ['store_unavailable', {}, 503, false],
    ['a_code_of_a_strategy', {}, 500, false],
    ['a_code_of_a_strategy', { status: 409 }, 409, true],
    ['login_required', { status: 500 }, 500, false],
  ])('the code %s with %j has the status %d, and its words are for the user: %s', (code, options, status, expose) => {
    expect(new MultistepError(code, 'Words.', options)).toMatchObject({ code, status, expose, message: 'Words.' })
  })

  it('an error has a cause only where one is given', () => {
    expect('cause' in new MultistepError('misconfigured', 'Words.')).toBe(false)
    expect(new MultistepError('misconfigured', 'Words.', { cause: 'why' }).cause).toBe('why')
  })
})

describe('the problem of a strategy that fails', () => {
  const plain = problemOf('factor_failed')

  it.each<[string, unknown, number | undefined, object]>([
    ['nothing', undefined, undefined, plain],
    ['a sentence with status 400', 'Missing credentials', 400, { ...plain, message: 'Missing credentials', status: 400 }],
    ['a challenge of HTTP', 'Basic realm="x"', undefined, plain],
    ['a sentence with another status', 'Missing credentials', 403, { ...plain, status: 403 }],
    ['an empty message and code', { message: '', code: '' }, 400, { ...plain, status: 400 }],
    ['a status that is no refusal', { message: 'No.' }, 302, { ...plain, message: 'No.' }],
    ['numbers', { attemptsLeft: 2, retryAfter: 30 }, 429, { ...plain, status: 429, attemptsLeft: 2, retryAfter: 30 }],
    ['texts for numbers', { attemptsLeft: '2', retryAfter: '30' }, 429, { ...plain, status: 429 }],
    ['a secret beside its code', { code: 'own', secret: 's3cret' }, 409, { ...plain, code: 'own', status: 409 }],
  ])('the problem of a strategy that fails with %s', (_, info, status, problem) => {
    expect(problemOfFailure(info, status)).toEqual(problem)
  })
})

describe('an id that a browser may have sent', () => {
  it.each([
    ['partition.random', { partition: 'partition', random: 'random' }], ['no-dot', undefined], ['.random', undefined], ['partition.', undefined],
    ['a.b.c', undefined], ['partition.rand om', undefined], [5, undefined], [null, undefined], [['a.b'], undefined],
  ])('the id %j has the parts %j', (id, parts) => {
    expect(parseId(id as string)).toEqual(parts)
  })
})

describe('an amount of money', () => {
  it.each([[25.5, 'EUR', '25.50 EUR'], [500, 'JPY', '500 JPY'], [1.005, 'KWD', '1.005 KWD']])('%d %s is written as %s', (value, currency, text) => {
    expect([flawOfAmount(value, currency), amountText(value, currency)]).toEqual([undefined, text])
  })

  it.each([[0.5, 'JPY', 'has more decimals than JPY'], ['5', 'EUR', 'has a currency, and is no number'], [Number.NaN, 'EUR', 'has more decimals than EUR']])(
    'the value %j in %s %s', (value, currency, flaw) => {
      expect(flawOfAmount(value, currency)).toBe(flaw)
    })

  it('a currency that does not exist is refused by its name', () => {
    expect(() => checkCurrencies({ amount: 'EUR', fee: 'euro' })).toThrow('require: currency.fee is an ISO 4217 code such as \'EUR\', not "euro".')
  })
})
