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
