/** @throws TypeError for an option that is not known: a misspelt one would be ignored in silence. */
export function checkKnown(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${what} takes an object of options.`)
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new TypeError(`${what} has no option ${unknown}. There are ${known.join(', ')}.`)
}

/** @throws TypeError for what is missing or empty, such as a variable of the environment that is not set. */
export function requireText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') throw new TypeError(`${option} is required: a text that is not empty.`)
  return value
}
