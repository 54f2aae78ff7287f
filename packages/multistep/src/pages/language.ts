/** The text in the language of the page. `de-AT` finds `de`, and a language that is missing gets the first text. */
export function textInLanguage(text: string | Readonly<Record<string, string>>, lang: string): string {
  if (typeof text === 'string') return text
  const wanted = lang.toLowerCase()
  const entries = Object.entries(text).map(([language, words]) => ({ language: language.toLowerCase(), words }))
  const exact = entries.find(({ language }) => language === wanted)
  const wider = entries.find(({ language }) => wanted.startsWith(`${language}-`))
  return (exact ?? wider ?? entries[0])?.words ?? ''
}
