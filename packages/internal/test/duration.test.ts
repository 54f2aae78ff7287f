import { duration, milliseconds, signedMilliseconds } from '#internal/duration'

describe('A duration', () => {
  it.each([['500ms', 500], ['30s', 30_000], ['1 day', 86_400_000], ['0s', 0], ['1.4ms', 1]])('the duration %s is %d milliseconds', (text, length) => {
    expect(milliseconds('ttl', text)).toBe(length)
  })

  it.each([
    ['a bare number', 30, 'ttl is a duration: write a string with its unit, such as \'30s\' or \'5m\', not 30.'],
    ['a number in quotes', '30', 'ttl is a duration such as \'500ms\', \'30s\' or \'5m\', not "30".'],
    ['a word', 'soon', 'ttl is a duration such as \'500ms\', \'30s\' or \'5m\', not "soon".'],
    ['an empty text', '', 'ttl is a duration such as \'500ms\', \'30s\' or \'5m\', not "".'],
    ['nothing', undefined, 'ttl is a duration such as \'500ms\', \'30s\' or \'5m\', not undefined.'],
    ['one in the past', '-5m', 'ttl is a duration such as \'500ms\', \'30s\' or \'5m\', not "-5m".'],
    ['one that no clock can add', '101y', 'ttl is at most \'100y\', not "101y".'],
  ])('a duration is not %s', (_, value, message) => {
    expect(() => milliseconds('ttl', value)).toThrow(new TypeError(message))
  })

  it('a duration may point back where the caller says so, as far as it may point ahead', () => {
    expect(signedMilliseconds('skew', '-5m')).toBe(-300_000)
    expect(() => signedMilliseconds('skew', '-101y')).toThrow('skew is at most \'100y\', not "-101y".')
  })

  it('a duration is longer than nothing and no longer than the most, where the caller says so', () => {
    expect(duration('timeout', '1d', '1d')).toBe(86_400_000)
    expect(() => duration('timeout', '0s')).toThrow(new TypeError('timeout must be longer than nothing, not "0s".'))
    expect(() => duration('timeout', '0.1ms')).toThrow('timeout must be longer than nothing')
    expect(() => duration('timeout', '25h', '1d')).toThrow(new TypeError('timeout is at most \'1d\', not "25h".'))
  })
})
