import type { Messages } from '../messages.js'
import { de } from './de.js'
import { en } from './en.js'
import { es } from './es.js'
import { fr } from './fr.js'

/** By language. One more is one file and one name here. */
export const locales: Readonly<Record<string, Messages>> = { en, de, fr, es }

/** The sentences for a language tag: `de-Latn-AT`, `de-Latn` and `de` are tried in turn (RFC 4647 §3.4). English for all others. */
export function localeFor(tag: string | undefined): Messages {
  for (let one = tag?.toLowerCase() ?? ''; one !== ''; one = one.slice(0, Math.max(0, one.lastIndexOf('-')))) {
    const messages = Object.hasOwn(locales, one) ? locales[one] : undefined
    if (messages) return messages
  }
  return en
}
