import { en } from './en.js'
import type { Messages } from './messages.js'

/** By language. One more is one file and one line here. Each is loaded when the first page in it is drawn. */
const locales: Readonly<Record<string, () => Messages | Promise<Messages>>> = {
  en: () => en,
  de: async () => (await import('./de.js')).de,
  fr: async () => (await import('./fr.js')).fr,
  es: async () => (await import('./es.js')).es,
}

export const languages: readonly string[] = Object.keys(locales)

/**
 * The sentences for a language tag: `de-Latn-AT`, `de-Latn` and `de` are tried in turn (RFC 4647 §3.4). The tag's region stays: dates of
 * `en-GB` are British. English stands in for every other language.
 */
export async function localeFor(tag: string | undefined): Promise<Messages> {
  for (let one = tag?.toLowerCase() ?? ''; one !== ''; one = one.slice(0, Math.max(0, one.lastIndexOf('-')))) {
    const load = Object.hasOwn(locales, one) ? locales[one] : undefined
    if (load) return { ...await load(), lang: canonical(tag) ?? one }
  }
  return en
}

/** The tag as BCP 47 writes it, where it is one. */
function canonical(tag: string | undefined): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch {
    return undefined
  }
}
