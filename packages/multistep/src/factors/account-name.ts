/**
 * Collations compare letters by their weights. Accents, case and width are weights of a second and third rank, which
 * many leave out (`ai_ci`).
 */
let collator: Intl.Collator | undefined

/** The collator is made for the first name that is not ASCII alone: making it costs more than all else at import. */
function compare(one: string, other: string): number {
  collator ??= new Intl.Collator('en', { sensitivity: 'base' })
  return collator.compare(one, other)
}

/** No account has a longer name: all that are longer are one. */
const longest = 1024

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** What other characters are taken for: the characters of ASCII, and the pairs that one letter or sign stands for. */
let plainForms: readonly string[] | undefined
const sortedPlainForms = (): readonly string[] => [
  ...range(0x20, 0x7e).map((point) => String.fromCodePoint(point)).filter((one) => !/[A-Z]/.test(one)),
  ...['aa', 'ae', 'ao', 'au', 'av', 'ay', 'db', 'dz', 'ij', 'oe', 'oo', 'pa', 'ss', 'th', 'tz', 'vy', 'wc'],
  ...range(10, 50).map(String),
].sort(compare)

/**
 * What a character was folded to, and the letters of a block: asking the collator is dear, and there are only so many.
 */
const folded = new Map<string, string>()
const blocks = new Map<number, readonly string[]>()

/**
 * The name that failures are counted by: one for every spelling by which a store of accounts may find the same one.
 * Stores compare more coarsely than they are written to (MySQL 8's `utf8mb4_0900_ai_ci`, ICU collations of
 * PostgreSQL): this folds at least as far as their untailored collations do, and further than some. Two accounts that
 * become one name share a count, which locks early and never late.
 */
export function accountName(name: string): string {
  // Large letters have no iota beneath them but one beside them; and what is compatible with `ŀ` is an l with a dot
  // behind it.
  const marked = name.replace(/\s+/gu, ' ').normalize('NFKD').replace(/[\u0345·]/g, '')
  const text = marked.toUpperCase().toLowerCase().normalize('NFKD')
  return text.length > longest ? '' : text.replace(/./gsu, foldCharacter).trim()
}

function foldCharacter(character: string): string {
  if (/^[ -~]$/.test(character)) return character
  const known = folded.get(character)
  if (known !== undefined) return known
  plainForms ??= sortedPlainForms()
  const found = compare(character, '') === 0 ? '' : likeIn(plainForms, character) ?? foldForeign(character)
  folded.set(character, found)
  return found
}

/**
 * The first that collates as this character does, of some that are sorted. Halved each time: a name of strange letters
 * must cost no more than others.
 */
function likeIn(sorted: readonly string[], character: string): string | undefined {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(sorted[middle] ?? '', character) < 0) low = middle + 1
    else high = middle
  }
  const found = sorted[low]
  return found !== undefined && compare(found, character) === 0 ? found : undefined
}

/**
 * Another form of a letter, or hiragana for katakana, is the first of them in its block, where every letter is found at
 * least as itself. A mark that is no letter is nothing.
 */
function foldForeign(character: string): string {
  if (isAlone.test(character)) return character
  const point = character.codePointAt(0) ?? 0
  const cyrillic = 0x400
  return likeIn(lettersFrom(isMark.test(character) ? cyrillic : point - (point % 0x100)), character) ?? ''
}

function lettersFrom(first: number): readonly string[] {
  const known = blocks.get(first)
  if (known) return known
  const all = range(first, first + 0xff).map((point) => String.fromCodePoint(point))
  const letters = all.filter((one) => !isMark.test(one) && one.normalize('NFKD') === one)
  const sorted = letters.sort(compare)
  blocks.set(first, sorted)
  return sorted
}

const isMark = /^[\p{M}\p{Default_Ignorable_Code_Point}]$/u
/**
 * What has no other forms in its block: ideographs and hieroglyphs, of which there are a hundred thousand, and what
 * nobody has assigned.
 */
const isAlone = /^[\p{Ideographic}\p{Script=Egyptian_Hieroglyphs}\p{Cn}\p{Co}]$/u
