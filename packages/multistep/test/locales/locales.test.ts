import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { languages, localeFor } from '../../src/locales/index.js'
import type { Messages } from '../../src/locales/messages.js'
import { locales } from '../support/locales.js'
import { problemOf } from '../../src/lib/errors.js'

const packages = join(__dirname, '../../..')

/** What the strategies beside this package refuse with: their own tables of sentences by code. */
function sentencesIn(path: string): [code: string, sentence: string][] {
  return [...readFileSync(join(packages, path), 'utf8').matchAll(/^ {2}([a-z_]+): (?:\[\d+, )?'((?:[^'\\]|\\.)*)'\]?,$/gm)].map((match) => [match[1]!, match[2]!])
}
const sources = {
  'passport-sms-otp': sentencesIn('passport-sms-otp/src/strategy/outcome.ts'),
  'passport-mobileconnect': sentencesIn('passport-mobileconnect/src/strategy/outcome.ts'),
  'recovery codes': sentencesIn('multistep/src/recovery/recovery-code-strategy.ts'),
  multistep: sentencesIn('multistep/src/lib/errors.ts'),
}

/** Every sentence by its name: `logIn`, `fields.code`. */
type Table = Record<string, string | Record<string, string>>
const flat = (messages: Messages): Record<string, string> => Object.fromEntries(Object.entries(messages as unknown as Table)
  .flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : Object.entries(value).map(([inner, text]) => [`${name}.${inner}`, text]))))

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([found]) => found).sort()
const english = flat(locales.en!)
const others = Object.entries(locales).filter(([name]) => name !== 'en')

it('there are English, German, French and Spanish, each named as what it is', () => {
  expect(languages).toEqual(['en', 'de', 'fr', 'es'])
  expect(Object.keys(locales)).toEqual(languages)
  for (const [name, { lang }] of Object.entries(locales)) expect(lang).toBe(name)
})

describe.each(others)('%s', (name, messages) => {
  const own = flat(messages)

  it('the language has a sentence wherever English has one, and none is empty', () => {
    expect(Object.keys(english).filter((key) => !own[key]?.trim())).toEqual([])
    expect(Object.entries(own).filter(([, text]) => text.trim() === '')).toEqual([])
  })

  it('the language repeats no English sentence: what is alike is a word of both languages, or a name', () => {
    const words = new Set(Object.values(english))
    const alike = Object.entries(own).filter(([, text]) => words.has(text)).map(([key, text]) => [key, text])
    expect(alike).toEqual([...name === 'de' || name === 'fr' ? [['fields.code', 'Code']] : []])
    expect(own['labels.mobileconnect']).toBe('Mobile Connect')
  })

  it('the language has the placeholders of English in every sentence', () => {
    for (const [key, text] of Object.entries(english)) expect([key, placeholders(own[key]!)]).toEqual([key, placeholders(text)])
    for (const [key, text] of Object.entries(own)) if (!(key in english)) expect([key, placeholders(text)]).toEqual([key, []])
  })

  it('the language is typeset: no straight apostrophe, no sentence without its end, no space that is doubled or stands at an edge', () => {
    for (const [key, text] of Object.entries(own)) {
      expect([key, text]).toEqual([key, expect.not.stringMatching(/'|"| {2}|^\s|\s$/)])
      if (key.startsWith('problems.')) expect([key, text]).toEqual([key, expect.stringMatching(/\.$/)])
    }
  })

  it.each(Object.entries(sources))('the language has words for every code of %s', (_, sentences) => {
    expect(sentences.length).toBeGreaterThan(3)
    expect(sentences.filter(([code]) => !own[`problems.${code}`]).map(([code]) => code)).toEqual([])
  })
})

it('the sentence of passport-sms-otp for a refused number without words is known, so that words of the app are told from it', () => {
  const [, sentence] = sources['passport-sms-otp'].find(([code]) => code === 'phone_rejected')!
  expect(readFileSync(join(packages, 'multistep/src/pages/translate.ts'), 'utf8')).toContain(`phone_rejected: '${sentence}'`)
  expect(problemOf('flow_expired').message).toContain('Begin again')
})

describe('a language tag', () => {
  it.each([
    ['de', 'de', 'de'], ['de-AT', 'de', 'de-AT'], ['DE-at', 'de', 'de-AT'], ['de-Latn-CH-1996', 'de', 'de-Latn-CH-1996'],
    ['fr-CA', 'fr', 'fr-CA'], ['es-419', 'es', 'es-419'], ['en-GB', 'en', 'en-GB'], ['de-\u00e4', 'de', 'de'], ['it', 'en', 'en'],
    ['', 'en', 'en'], [undefined, 'en', 'en'], ['constructor', 'en', 'en'], ['__proto__', 'en', 'en'], ['-de', 'en', 'en'],
    ['de_AT', 'en', 'en'], ['*', 'en', 'en'],
  ])('%j is answered in the language %s, as %s: its region stays', async (tag, language, lang) => {
    const messages = await localeFor(tag)
    expect(messages.logIn).toBe(locales[language]!.logIn)
    expect(messages.lang).toBe(lang)
  })
})
