import { distance } from 'fastest-levenshtein'

/**
 * @throws TypeError for an option that is not known, with the name to write: a misspelt option would be ignored in
 * silence.
 */
export function checkOptionNames(what: string, options: unknown, known: readonly string[]): void {
  if (!isTable(options)) throw new TypeError(`${what} takes an object of options.`)
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new TypeError(`${what} has no option ${unknown}. ${suggestion(unknown, known)}`)
}

/** What to write instead of a name that is not known: one that looks like it, or one of all that are known. */
export function suggestion(unknown: string, known: readonly string[]): string {
  if (known.length === 0) return 'It takes none.'
  const [nearest] = known.map((name) => ({ name, far: editsBetween(unknown, name) })).sort((a, b) => a.far - b.far)
  const isNear = nearest !== undefined && nearest.far <= Math.min(MOST_EDITS, unknown.length / 2)
  return isNear ? `Did you mean ${nearest.name}?` : `There are ${known.join(', ')}.`
}

/** A name of more typing errors than this, or of more errors than right letters, is another name. */
const MOST_EDITS = 3

const editsBetween = (unknown: string, name: string): number => distance(unknown.toLowerCase(), name.toLowerCase())

/** @throws TypeError for what is missing or empty, such as a variable of the environment that is not set. */
export function requireText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new TypeError(`${option} is required: a text that is not empty.`)
  }
  return value
}

/**
 * A secret as text. Bytes are taken for the text that they spell in UTF-8, as a file or a secret manager gives it.
 * @throws TypeError for what is missing or empty, and for bytes that spell no text. The value is not told.
 */
export function requireSecret(option: string, value: unknown): string {
  return requireText(option, value instanceof Uint8Array ? spelt(option, value) : value)
}

function spelt(option: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new TypeError(`${option} is sent as text, and these bytes spell none in UTF-8.`)
  }
}

/** @throws TypeError for what is there and no function, at start-up and not at a login. */
export function checkFunctions(options: object, names: readonly string[]): void {
  const wrong = names.find((name) => !['function', 'undefined'].includes(typeof fieldOf(options, name)))
  if (wrong !== undefined) {
    throw new TypeError(`${wrong} is a function, or left out, not ${typeInWords(fieldOf(options, wrong))}.`)
  }
}

const typeWords = { string: 'a text', boolean: 'true or false', function: 'a function' } as const

/** @throws TypeError for a value that is given and has none of these types. */
export function checkType(option: string, value: unknown, types: readonly (keyof typeof typeWords)[]): void {
  if (value === undefined || types.some((type) => typeof value === type)) return
  throw new TypeError(`${option} is ${types.map((type) => typeWords[type]).join(', or ')}, not ${JSON.stringify(value)}.`)
}

/** @throws TypeError for a value that is given and is none of these. */
export function checkOneOf(option: string, value: unknown, allowed: readonly unknown[]): void {
  if (value === undefined || allowed.includes(value)) return
  const spelt = allowed.map((one) => JSON.stringify(one)).join(' or ')
  throw new TypeError(`${option} is ${spelt}, not ${JSON.stringify(value)}.`)
}

/** Whether an object has all these methods, its own or inherited. */
export const hasMethods = (value: unknown, names: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && names.every((name) => typeof fieldOf(value, name) === 'function')

/** @throws TypeError for anything but a list. */
export function checkList(name: string, value: unknown, example: string): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[]
  throw new TypeError(`${name} is a list such as ${example}, not ${typeInWords(value)}.`)
}

/** @throws TypeError for anything but an object of named values. */
export function checkTable(name: string, value: unknown, example: string): void {
  if (!isTable(value)) throw new TypeError(`${name} is an object such as ${example}, not ${typeInWords(value)}.`)
}

/** An object of named values, and no list. */
export const isTable = (value: unknown): value is object => typeInWords(value) === 'object'

const fieldOf = (value: object, name: string): unknown => (value as Readonly<Record<string, unknown>>)[name]

const typeInWords = (value: unknown): string => {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value
}
