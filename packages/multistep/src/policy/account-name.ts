/** Collations compare letters by their weights. Accents, case and width are weights of a second and third rank, which many leave out (`ai_ci`). */
const collator = new Intl.Collator('en', { sensitivity: 'base' })

/** No account has a longer name: all that are longer are one. */
const longest = 1024

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** What other characters are taken for: those of ASCII, and the pairs that one letter or sign stands for. */
const plain = [
  ...range(0x20, 0x7e).map((point) => String.fromCodePoint(point)).filter((one) => !/[A-Z]/.test(one)),
  ...['aa', 'ae', 'ao', 'au', 'av', 'ay', 'db', 'dz', 'ij', 'oe', 'oo', 'pa', 'ss', 'th', 'tz', 'vy', 'wc'],
  ...range(10, 50).map(String),
]

/** What a character was folded to: asking the collator is dear, and there are only so many. */
const folded = new Map<string, string>()

/**
 * The name that failures are counted by: one for every spelling by which a store of accounts may find the same one. Stores compare more coarsely
 * than they are written to (MySQL 8's `utf8mb4_0900_ai_ci`, ICU collations of PostgreSQL): this folds at least as far as their untailored
 * collations do, and further than some. Two accounts that become one name share a count, which locks early and never late.
 */
export function accountName(name: string): string {
  // Large letters have no iota beneath them but one beside them; and what is compatible with `ŀ` is an l with a dot behind it.
  const marked = name.replace(/\s+/gu, ' ').normalize('NFKD').replace(/[\u0345·]/g, '')
  const text = marked.toUpperCase().toLowerCase().normalize('NFKD')
  return text.length > longest ? '' : text.replace(/./gsu, foldCharacter).trim()
}

function foldCharacter(character: string): string {
  if (/^[ -~]$/.test(character)) return character
  const known = folded.get(character)
  if (known !== undefined) return known
  const found = collator.compare(character, '') === 0 ? '' : plain.find((one) => collator.compare(character, one) === 0) ?? foldForeign(character)
  folded.set(character, found)
  return found
}

/** Another form of a letter, or hiragana for katakana, is the first of them in its block; a mark that is no letter is nothing. */
function foldForeign(character: string): string {
  const point = character.codePointAt(0) ?? 0
  const cyrillic = 0x400
  const blocks = isMark.test(character) ? [cyrillic] : [point - (point % 0x100)]
  const letters = blocks.flatMap((from) => range(from, from + 0xff)).map((other) => String.fromCodePoint(other)).filter((other) => !isMark.test(other) && other.normalize('NFKD') === other)
  const found = letters.find((other) => collator.compare(character, other) === 0)
  return found ?? (isMark.test(character) ? '' : character)
}

const isMark = /^[\p{M}\p{Default_Ignorable_Code_Point}]$/u
