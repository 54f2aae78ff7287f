import { de } from '../../src/locales/de.js'
import { en } from '../../src/locales/en.js'
import { es } from '../../src/locales/es.js'
import { fr } from '../../src/locales/fr.js'
import type { Messages } from '../../src/locales/messages.js'

/** Every locale, all at once: the package itself loads them one by one. */
export const locales: Readonly<Record<string, Messages>> = { en, de, fr, es }
