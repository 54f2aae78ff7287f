/** What a locale makes its sentence of. */
export interface TextParts {
  readonly code: string
  /** Of the app. */
  readonly name: string | undefined
  /** What the code confirms, listed, such as `payee: Bob, amount: 100.00 EUR`. */
  readonly confirms: string | undefined
}

/**
 * One sentence in one language. Written in the GSM alphabet, so that it fits one text with its last line: 160
 * characters, not 70. Of the letters with accents that alphabet has only è é ù ì ò Ç Ø ø Å å Æ æ É Ä Ö Ñ Ü ä ö ñ ü à ß.
 */
export type LocaleText = (parts: TextParts) => string

/** A word before what may be missing, and nothing where it is. */
export const after = (word: string, value: string | undefined): string => (value === undefined ? '' : `${word}${value}`)
