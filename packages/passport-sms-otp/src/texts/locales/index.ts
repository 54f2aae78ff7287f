import { de } from './de.js'
import { en } from './en.js'
import { es } from './es.js'
import { fr } from './fr.js'
import type { LocaleText } from './text.js'

/** By language. One more is one file and one name here. */
export const locales = { en, de, fr, es } satisfies Readonly<Record<string, LocaleText>>

type Language = keyof typeof locales

/**
 * The text for a language tag: `de-Latn-AT`, `de-Latn` and `de` are tried in turn (RFC 4647 §3.4). English for all
 * others.
 */
export const textFor = (locale: string | undefined): LocaleText => locales[languageFor(locale)]

/** The language of that text. */
export function languageFor(locale: string | undefined): Language {
  for (let tag = locale?.toLowerCase() ?? ''; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
    if (Object.hasOwn(locales, tag)) return tag as Language
  }
  return 'en'
}
