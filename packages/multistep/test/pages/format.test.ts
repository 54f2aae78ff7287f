import { dateInWords, directionOf, filled, plainSentence, secondsUntil, sentence, timeInWords } from '../../src/pages/format.js'

describe('a message with placeholders', () => {
  it('a placeholder is filled, and its value is escaped', () => {
    expect(sentence('Hello {name}!', { name: '<b>' }).text).toBe('Hello &lt;b&gt;!')
    expect(plainSentence('Hello {name}!', { name: '<b>' })).toBe('Hello <b>!')
    expect(filled('Pay {the amount}', { 'the amount': '<5>' }).text).toBe('Pay <bdi dir="auto">&lt;5&gt;</bdi>')
  })

  it('a placeholder without a value stays as it is written', () => {
    expect(sentence('Hello {name}!').text).toBe('Hello {name}!')
    expect(plainSentence('Hello {name}!', {})).toBe('Hello {name}!')
    expect(filled('Pay {the amount} now', {}).text).toBe('Pay {the amount} now')
  })

  it('a placeholder finds no inherited property', () => {
    expect(sentence('{constructor}', {}).text).toBe('{constructor}')
    expect(plainSentence('{constructor}', {})).toBe('{constructor}')
    expect(filled('{constructor}', {}).text).toBe('{constructor}')
  })

  it('a value that looks like a placeholder is not filled again', () => {
    const values = { one: '{two}', two: 'filled twice' }
    expect([sentence('{one}', values).text, plainSentence('{one}', values)]).toEqual(['{two}', '{two}'])
  })
})

describe('a time in words', () => {
  it.each([[1, '1 second'], [119, '119 seconds'], [120, '2 minutes'], [121, '3 minutes'], [7200, '2 hours'], [172_800, '2 days']])(
    '%d seconds are told as %s', (seconds, words) => {
      expect(timeInWords('en', seconds)).toBe(words)
    })

  it('a day is told in Coordinated Universal Time', () => {
    expect(dateInWords('en', '2026-01-02T23:59:59Z')).toBe('Jan 2, 2026')
  })

  it.each([['1970-01-01T00:00:02.001Z', 3], ['1969-12-31T00:00:00Z', 0], ['soon', undefined], [5, undefined], [undefined, undefined]])(
    'the seconds from the epoch until %j are %j', (instant, seconds) => {
      expect(secondsUntil(instant, 0)).toBe(seconds)
    })
})

describe('the direction of a language', () => {
  it.each([['en', 'ltr'], ['ar', 'rtl'], ['he-IL', 'rtl'], ['ar-Latn', 'ltr'], ['dv', 'rtl'], ['tlh', 'ltr'], ['qqq', 'ltr'], ['not a tag', 'ltr']])(
    'the direction of %j is %s', (lang, direction) => {
      expect(directionOf(lang)).toBe(direction)
    })
})
