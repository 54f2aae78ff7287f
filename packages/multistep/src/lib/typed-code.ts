const decimal = /^\p{Nd}$/u

/** Unicode keeps the digits of a script in a row, from nought to nine; rows may follow one another. */
function digitOf(character: string): string {
  const point = character.codePointAt(0) ?? 0
  let first = point
  while (decimal.test(String.fromCodePoint(first - 1))) first -= 1
  return String((point - first) % 10)
}

/**
 * A code as it was meant, of one that was typed or pasted as it is shown: `123 456`, `123-456`, a line's end behind it, digits of another script
 * or width. Each decimal digit is its value; white space, dashes and what is not seen are nothing. Letters are upper case.
 */
export const typedCode = (text: string): string =>
  text.replace(/[\s\p{Pd}\p{Cf}]/gu, '').replace(/\p{Nd}/gu, digitOf).replace(/[Ａ-Ｚａ-ｚ]/g, narrow).replace(/[a-z]/g, (letter) => letter.toUpperCase())

/** Letters of full width stand in their block as those of ASCII stand in theirs. */
const narrow = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) - 0xfee0)
