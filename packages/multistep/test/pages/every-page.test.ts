import { en } from '../../src/locales/en.js'
import type { Messages } from '../../src/locales/messages.js'
import { everyPage } from '../support/every-page.js'

// Each sentence as its own name. Those of `problems` and `labels` are looked up by what strategies and apps say.
const named = (words: object, path = ''): object => Object.fromEntries(Object.entries(words).map(([name, value]: [string, unknown]) =>
  [name, typeof value === 'string' ? `[${path}${name}]` : named(value as object, `${path}${name}.`)]))
const names = (words: object): string[] => Object.values(words).flatMap((value: unknown) =>
  (typeof value === 'string' ? [value] : names(value as object)))

describe('the list of states that axe, the keyboard and the sheets go through', () => {
  it('every sentence of the pages stands on a page of the list, so that no new state is forgotten', () => {
    const { lang, problems, labels, ...sentences } = en
    const all = named(sentences)
    const drawn = Object.values(everyPage({ ...all, lang, problems, labels } as Messages)).join('')
    expect(names(all).filter((name) => !drawn.includes(name))).toEqual([])
  })

  it('every page of the list differs from every other one', () => {
    const pages = everyPage(en)
    expect(new Set(Object.values(pages)).size).toBe(Object.keys(pages).length)
  })

  it('every page of the list that has a problem says it in words, and no page shows a code of a program', () => {
    const codes = Object.entries(everyPage(en)).filter(([, html]) => /<p>[a-z]+_[a-z_]+/.test(html)).map(([name]) => name)
    expect(codes).toEqual([])
  })
})
