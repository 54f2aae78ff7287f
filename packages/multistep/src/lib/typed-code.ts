const decimal = /^\p{Nd}$/u

/** Unicode has the digits of a script in a row, from zero to nine. Two rows may follow one another. */
function digitOf(character: string): string {
  const point = character.codePointAt(0) ?? 0
  let first = point
  while (decimal.test(String.fromCodePoint(first - 1))) first -= 1
  return String((point - first) % 10)
}

/**
 * The code that a user meant, of the text that they typed or pasted: `123 456`, `123-456`, with a line's end, in digits
 * of another script or width. White space, dashes and invisible characters are dropped. Letters become upper case.
 */
export const typedCode = (text: string): string =>
  text
    .replace(/[\s\p{Pd}\p{Cf}]/gu, '')
    .replace(/\p{Nd}/gu, digitOf)
    .replace(/[Ａ-Ｚａ-ｚ]/g, asciiLetter)
    .replace(/[a-z]/g, (letter) => letter.toUpperCase())

/** Letters of full width are in the order of ASCII. */
const asciiLetter = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) - 0xfee0)
