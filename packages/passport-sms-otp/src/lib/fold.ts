// What people type and paste is folded into one spelling before it is judged, strictly: a code or a number that reads
// right is right. What is folded away is what nobody sees or means: the script of a digit, space, dashes, marks of
// direction.

/** Every decimal digit as the digit of ASCII: keyboards of many languages write their own. */
const asciiDigits = (text: string): string => text.replace(/(?![0-9])\p{Nd}/gu, (digit) => String(valueOf(digit.codePointAt(0) ?? 0)))

/** Unicode keeps the digits 0 to 9 of a script together (Unicode Standard §4.6), so a run of digits is whole tens. */
function valueOf(point: number): number {
  let first = point
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1
  return (point - first) % 10
}

/** A code as it is shown in groups, copied or dictated: without space, dashes and invisible signs. */
export const foldCode = (text: string): string => asciiDigits(text).replace(/[\s\p{Pd}\p{Cf}]/gu, '')

/**
 * A number as address books, web pages and keyboards write it. Full-width forms become ASCII, every space one of a
 * kind, every dash a hyphen. The dashes of Japanese keyboards are no punctuation for Unicode.
 */
export const foldNumber = (text: string): string => asciiDigits(text)
  .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
  .replace(/\p{Cf}/gu, '')
  .trim()
  .replace(/[\p{Zs}\t]/gu, ' ')
  .replace(/[\p{Pd}\u2212\u30fc]/gu, '-')
  .replace(/\u00b7/g, '.')
  .replace(/^\((\+\d{1,3})\)/, '$1')
