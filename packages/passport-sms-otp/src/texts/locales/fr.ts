import { after, type LocaleText } from './text.js'

export const fr: LocaleText = ({ code, name, confirms }) =>
  `${code} est votre code${after(' ', name)}${after(' pour ', confirms)}. Ne le partagez pas.`
