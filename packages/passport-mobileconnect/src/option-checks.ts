import { distance } from 'fastest-levenshtein'

/** @throws TypeError for an option that is not known, with the known name that looks most like it: a misspelt one would be ignored in silence. */
export function checkOptionNames(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${what} takes an object of options.`)
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const [nearest] = known.map((name) => ({ name, far: distance(unknown.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.far - b.far)
  const hint = nearest && nearest.far <= 3 ? `Did you mean ${nearest.name}?` : `There are ${known.join(', ')}.`
  throw new TypeError(`${what} has no option ${unknown}. ${hint}`)
}

/** @throws TypeError for what is missing or empty, such as a variable of the environment that is not set. */
export function requireText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') throw new TypeError(`${option} is required: a text that is not empty.`)
  return value
}

/** @throws TypeError for what is there and no function, at start-up and not at somebody's login. */
export function checkFunctions(options: object, names: readonly string[]): void {
  const wrong = names.find((name) => !['function', 'undefined'].includes(typeof fieldOf(options, name)))
  if (wrong !== undefined) throw new TypeError(`${wrong} is a function, or left out, not ${kindOf(fieldOf(options, wrong))}.`)
}

/** Whether an object has all these methods, its own or inherited. */
export const hasMethods = (value: unknown, names: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && names.every((name) => typeof fieldOf(value, name) === 'function')

/** @throws TypeError for anything but a list. */
export function checkList(name: string, value: unknown, example: string): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[]
  throw new TypeError(`${name} is a list such as ${example}, not ${kindOf(value)}.`)
}

/** @throws TypeError for anything but an object of named values. */
export function checkTable(name: string, value: unknown, example: string): void {
  if (kindOf(value) !== 'object') throw new TypeError(`${name} is an object such as ${example}, not ${kindOf(value)}.`)
}

const fieldOf = (value: object, name: string): unknown => (value as Readonly<Record<string, unknown>>)[name]

const kindOf = (value: unknown): string => {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value
}
