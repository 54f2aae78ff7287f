import { distance } from 'fastest-levenshtein'

/** @throws TypeError for an option that is not known: a misspelt one would be ignored in silence. */
export function checkOptionNames(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) throw new TypeError(`${what} takes an object of options.`)
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new TypeError(`${what} has no option ${unknown}. ${suggestion(unknown, known)}`)
}

function suggestion(unknown: string, known: readonly string[]): string {
  const near = known.find((name) => distance(unknown.toLowerCase(), name.toLowerCase()) <= 2)
  return near === undefined ? `There are ${known.join(', ')}.` : `Did you mean ${near}?`
}

/** @throws TypeError for what is missing, empty or no text. */
export function requireText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') throw new TypeError(`${option} is required: a text that is not empty.`)
  return value
}

/** @throws TypeError for anything but a list with something in it. */
export function requireList<Entry>(option: string, value: readonly Entry[], example: string): readonly Entry[] {
  if (!Array.isArray(value) || value.length === 0) throw new TypeError(`${option} is a list such as ${example}.`)
  return value as readonly Entry[]
}

/** @throws TypeError for the first value that is there twice. */
export function requireDistinct(option: string, values: readonly string[]): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index)
  if (twice !== undefined) throw new TypeError(`${option} must differ, and ${twice} is there twice.`)
}
