import { de } from './de.js'
import { en } from './en.js'
import { es } from './es.js'
import { fr } from './fr.js'
import type { LocaleText } from './text.js'

/** By language. One more is one file and one name here. */
export const locales: Readonly<Record<string, LocaleText>> = { en, de, fr, es }

/**
 * The text for a language tag: `de-Latn-AT`, `de-Latn` and `de` are tried in turn (RFC 4647 §3.4). English for all
 * others.
 */
export function textFor(locale: string | undefined): LocaleText {
  for (let tag = locale?.toLowerCase() ?? ''; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
    const text = Object.hasOwn(locales, tag) ? locales[tag] : undefined
    if (text) return text
  }
  return en
}
