import { languageFor } from './locales/index.js'
import { after, type LocaleText } from './locales/text.js'

// What a call says. Each line is one sentence, and its characters are said one by one, twice.

type Language = ReturnType<typeof languageFor>

const sentences: Readonly<Record<Language, LocaleText>> = {
  en: ({ code, name, confirms }) =>
    `Hello. This is your${after(' ', name)} code${after(' for ', confirms)}:\n${code}\nOnce more:\n${code}\nDo not tell it to anybody.`,
  de: ({ code, name, confirms }) =>
    `Guten Tag. Hier ist Ihr Code${after(' von ', name)}${after(' für ', confirms)}:\n${code}\nNoch einmal:\n${code}\nGeben Sie ihn nicht weiter.`,
  fr: ({ code, name, confirms }) =>
    `Bonjour. Voici votre code${after(' ', name)}${after(' pour ', confirms)} :\n${code}\nJe répète :\n${code}\nNe le communiquez à personne.`,
  es: ({ code, name, confirms }) =>
    `Hola. Este es su código${after(' de ', name)}${after(' para ', confirms)}:\n${code}\nRepito:\n${code}\nNo lo comparta con nadie.`,
}

/** What a call says, in the language of a text in this locale. */
export const spokenMessage = (
  { code, appName, confirms, locale }: {
    readonly code: string
    readonly appName: string | undefined
    readonly confirms: string | undefined
    readonly locale: string | undefined
  },
): string => sentences[languageFor(locale)]({ code: Array.from(code).join(', '), name: appName, confirms })

/** A line that holds the characters of a code: it is said slowly. */
export const isSpelt = (line: string): boolean => /^[0-9A-Z](?:, [0-9A-Z])+$/.test(line)
