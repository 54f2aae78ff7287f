import { after, type LocaleText } from './text.js'

export const en: LocaleText = ({ code, name, confirms }) =>
  `${code} is your${after(' ', name)} code${after(' for ', confirms)}. Do not share it.`
