import { after, type LocaleText } from './text.js'

export const de: LocaleText = ({ code, name, confirms }) =>
  `${code} ist Ihr Code${after(' von ', name)}${after(' für ', confirms)}. Bitte nicht weitergeben.`
