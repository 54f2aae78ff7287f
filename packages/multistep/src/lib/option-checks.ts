import { hasMethods, isTable as isObject, suggestion } from '#internal/option-checks'
import { localPath } from './local-path.js'

/** What an option must be: a test, and words that complete the sentence "x is …". */
export interface Shape {
  readonly words: string
  readonly fits: (value: unknown) => boolean
}

const isNonEmptyText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isListOfNonEmptyTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isNonEmptyText)

export const anything: Shape = { words: 'anything', fits: () => true }
export const text: Shape = { words: 'text', fits: isNonEmptyText }
export const flag: Shape = { words: 'true or false', fits: (value) => typeof value === 'boolean' }
export const object: Shape = { words: 'an object', fits: isObject }
export const objectOrCallback = (example: string): Shape =>
  ({
    words: `an object, or a function that returns one, such as ${example}`,
    fits: (value) => isObject(value) || typeof value === 'function',
  })
export const listOrCallback = (example: string): Shape =>
  ({
    words: `a list, such as ${example}, or a function that returns one`,
    fits: (value) => Array.isArray(value) || typeof value === 'function',
  })
export const texts = (example: string): Shape =>
  ({ words: `a list of names, such as ${example}`, fits: isListOfNonEmptyTexts })
export const textOrTexts = (example: string): Shape =>
  ({
    words: `text or a list of texts, such as ${example}`,
    fits: (value) => isNonEmptyText(value) || isListOfNonEmptyTexts(value),
  })
export const sentences: Shape = {
  words: 'an object of sentences by name',
  fits: (value) => isObject(value) && Object.values(value).every((one) => typeof one === 'string'),
}
export const callback = (example: string): Shape =>
  ({ words: `a function, such as ${example}`, fits: (value) => typeof value === 'function' })
export const path: Shape = {
  words: 'a path of this app, such as \'/account\'',
  fits: (value) => localPath(value) !== undefined,
}
export const oneOf = (...values: readonly string[]): Shape =>
  ({ words: values.map((value) => `'${value}'`).join(' or '), fits: (value) => values.includes(value as string) })
export const whole = (least: number, most: number): Shape =>
  ({
    words: `a whole number from ${least} to ${most}`,
    fits: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  })
export const withMethods = (methods: readonly string[], example: string): Shape =>
  ({
    words: `an object with the methods ${methods.join(', ')}, such as ${example}`,
    fits: (value) => isObject(value) && hasMethods(value, methods),
  })

/**
 * @param place stands before the names of the options: `''`, or for example `lockout.`.
 * @throws TypeError for an unknown option, with the known name that is most like it, and for an option that does not
 * fit its shape.
 */
export function checkOptions(place: string, options: unknown, shapes: Readonly<Record<string, Shape>>): void {
  if (!isObject(options)) {
    throw new TypeError(`multistep: ${place === '' ? 'the options are' : `${place.replace(/\.$/, '')} is`} an object, `
      + `not ${shown(options)}.`)
  }
  for (const [name, value] of Object.entries(options)) {
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined
    if (!shape) {
      throw new TypeError(`multistep: there is no option '${place}${name}'. ${suggestion(name, Object.keys(shapes))}`)
    }
    if (value !== undefined && !shape.fits(value)) {
      throw new TypeError(`multistep: ${place}${name} is ${shape.words}, not ${shown(value)}.`)
    }
  }
}

/**
 * Checks a call that makes a handler, while a route is mounted.
 * @throws TypeError when Express calls it with a request. Without this check the request would wait for ever.
 */
export function checkBrackets(call: string, argument: unknown): void {
  const { headers, method } = (argument ?? {}) as { headers?: unknown, method?: unknown }
  if (typeof headers === 'object' && typeof method === 'string') {
    throw new TypeError(`multistep: a route was mounted with login.${call.replace(/\(.*/, '')}, without its brackets. `
      + `Write login.${call} there.`)
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'this object'
  return typeof value === 'function' ? 'a function' : String(value)
}
