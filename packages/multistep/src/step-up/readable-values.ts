/** What a request is about: named texts, finite numbers and booleans. */
export type Bound = Readonly<Record<string, string | number | boolean>>
export type BoundValue = string | number | boolean
export type BoundValues = readonly (readonly [name: string, value: BoundValue])[]

/** What cannot be confirmed, in words for the programmer: nobody could see what it is, or tell it from another. */
export interface Flaw { readonly name?: string, readonly reason: string }

/** As many as a person reads, each as long as a line that a payment carries (ISO 20022, Max140Text). */
const mostNames = 10
const longestName = 40
const longestValue = 140

/**
 * The first thing that a page or a device could not show as it is. What is shown is never less than what is bound, so
 * nothing is left out or cut.
 */
export function flawOf(values: BoundValues): Flaw | undefined {
  if (values.length === 0) return { reason: 'names no value' }
  if (values.length > mostNames) return { reason: `names more than ${mostNames} values` }
  const names = values.map(([name]) => name)
  return first(names, flawOfName)
    ?? first(names, (name, index) => twinOf(name, names.slice(0, index)))
    ?? mixedNames(names)
    ?? first(names, (_, index) => flawOfValue(values[index]?.[1]))
}

function first(names: readonly string[], flaw: (name: string, index: number) => string | undefined): Flaw | undefined {
  for (const [index, name] of names.entries()) {
    const reason = flaw(name, index)
    if (reason !== undefined) return { name, reason }
  }
  return undefined
}

/** Letters and digits, with single separators between them: nothing that could end a name and begin a value. */
const nameForm = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:[ _.-][\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*$/u

function flawOfName(name: string): string | undefined {
  if (!nameForm.test(name) || name in {}) {
    return 'is a name of other signs than letters and digits, or one that objects have'
  }
  if (lengthOf(name) > longestName) return `is a name of more than ${longestName} signs`
  return flawOfText(name)
}

/** Two names that a person would read as one. */
function twinOf(name: string, others: readonly string[]): string | undefined {
  const twin = others.find((other) => readAs(other) === readAs(name))
  return twin === undefined ? undefined : `reads like ${JSON.stringify(twin)}`
}

/** Names of several alphabets beside one another: letters of one alphabet stand in for letters of another. */
const mixedNames = (names: readonly string[]): Flaw | undefined =>
  (isMixed(names.join(' ')) ? { reason: 'names values in letters of several alphabets' } : undefined)

/** A name as a hurried person reads it: without case, accents and separators, and with signs that look alike as one. */
const readAs = (name: string): string =>
  name.normalize('NFKD').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/[1i|]/g, 'l').replace(/0/g, 'o').replace(/rn/g, 'm').replace(/vv/g, 'w')

function flawOfValue(value: unknown): string | undefined {
  if (typeof value === 'boolean') return undefined
  if (typeof value === 'number') return isPlain(value) ? undefined : 'is a number that is not written in digits alone'
  if (typeof value !== 'string') return 'is no text, number or boolean'
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(value.replace(unseen, ''))) return 'is empty'
  if (lengthOf(value) > longestValue) return `is longer than ${longestValue} signs`
  return flawOfText(value)
}

/** Neither `1e+21`, nor `NaN`, nor `-0`, which is written as 0. */
const isPlain = (value: number): boolean => /^-?\d+(?:\.\d+)?$/.test(String(value)) && !Object.is(value, -0)

const lengthOf = (text: string): number => Array.from(text).length

/** Controls, what turns the direction of writing, what has no width, what no font has, and the blank of Braille. */
const unseen = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu
/** Any space but a plain one, and plain ones where nobody can count them. */
const hiddenSpace = /[^\S ]|^ | $| {2}/u
/** Marks that stand alone, cross out or enclose what they stand on, or are piled up. */
const cover = /^\p{M}|[\p{Me}\u0334-\u0338\u20d0-\u20f0]|\p{M}{4}/u

function flawOfText(text: string): string | undefined {
  if (text.search(unseen) >= 0) return 'holds a sign that nobody sees'
  if (hiddenSpace.test(text)) return 'holds a space that nobody sees'
  if (text.normalize('NFC') !== text || Array.from(text).some(isDisguised)) {
    return 'can be written in another way that looks the same'
  }
  if (cover.test(text)) return 'holds marks that hide other signs'
  return isMixed(text) ? 'holds letters or digits of several alphabets' : undefined
}

/**
 * A ligature, or a letter or digit of full width or of mathematics, which looks like a plain one. The half-width kana
 * of Japanese banks do not.
 */
const isDisguised = (sign: string): boolean =>
  /[\p{L}\p{Nd}\p{Nl}]/u.test(sign) &&
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}]/u.test(sign)
  && !/[ªºµｰﾞﾟ]/u.test(sign) && sign.normalize('NFKC') !== sign

/** Chinese, Japanese and Korean are written in several of these at once, and with Latin letters. */
const eastAsian = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/gu
const neutral = /[\p{Script=Common}\p{Script=Inherited}]/gu
const alphabets = [
  'Latin', 'Greek', 'Cyrillic', 'Armenian', 'Cherokee', 'Coptic', 'Georgian', 'Hebrew', 'Arabic', 'Devanagari',
  'Bengali', 'Gujarati', 'Gurmukhi', 'Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Thai', 'Lao', 'Myanmar',
  'Khmer', 'Ethiopic', 'Tibetan', 'Mongolian',
]
const ofOne = alphabets.map((name) => new RegExp(`^\\p{Script=${name}}*$`, 'u'))
const ofNone = new RegExp(`^[^${alphabets.map((name) => `\\p{Script=${name}}`).join('')}]*$`, 'u')

/**
 * UTS 39 §5.2, highly restrictive: one alphabet, or Latin letters beside letters of East Asia; and digits of one kind.
 */
function isMixed(text: string): boolean {
  if (/[0-9]/.test(text) && /(?![0-9])\p{Nd}/u.test(text)) return true
  const letters = text.replace(/[^\p{L}\p{M}]/gu, '').replace(neutral, '')
  const others = letters.replace(eastAsian, '')
  if (others.length < letters.length) return !/^\p{Script=Latin}*$/u.test(others)
  return ![...ofOne, ofNone].some((form) => form.test(others))
}
