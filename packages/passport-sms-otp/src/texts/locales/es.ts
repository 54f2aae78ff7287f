import { after, type LocaleText } from './text.js'

// Not "código": ó is not in the GSM alphabet, and the text would cost twice.
export const es: LocaleText = ({ code, name, confirms }) =>
  `${code} es su clave${after(' de ', name)}${after(' para ', confirms)}. No la comparta.`
