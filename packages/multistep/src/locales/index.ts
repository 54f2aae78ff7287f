import { en } from './en.js'
import type { Messages } from './messages.js'

/** The locales by language. A new one is a file and a line here. Each is loaded with the first page in its language. */
const locales: Readonly<Record<string, () => Messages | Promise<Messages>>> = {
  en: () => en,
  de: async () => (await import('./de.js')).de,
  fr: async () => (await import('./fr.js')).fr,
  es: async () => (await import('./es.js')).es,
}

export const languages: readonly string[] = Object.keys(locales)

/**
 * The sentences for a language tag: `de-Latn-AT`, `de-Latn` and `de` are tried in turn (RFC 4647 §3.4).
 * The tag keeps its region, so that dates of `en-GB` are British. All other languages get English.
 */
export async function localeFor(tag: string | undefined): Promise<Messages> {
  for (let one = tag?.toLowerCase() ?? ''; one !== ''; one = one.slice(0, Math.max(0, one.lastIndexOf('-')))) {
    const load = Object.hasOwn(locales, one) ? locales[one] : undefined
    if (load) return { ...await load(), lang: canonical(tag) ?? one }
  }
  return en
}

/** The tag in the spelling of BCP 47. `undefined`: it is not valid. */
function canonical(tag: string | undefined): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch {
    return undefined
  }
}
