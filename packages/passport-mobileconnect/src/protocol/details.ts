import { randomInt } from 'node:crypto'
import { digest } from './login-hint.js'

/** Named values that a login confirms, such as the payee and the amount of a transfer. */
export type Details = Readonly<Record<string, string>>

// Shown on a phone beside the operator's own words: nothing that could look like markup, a link's end or another line.
const plain = (text: string): string => text.replace(/[^\p{L}\p{N} .,:+\-€$£/]/gu, ' ').replace(/ +/g, ' ').trim().slice(0, 40)

/** What separates the values must not stand in one: it would read as another value. */
const single = (text: string): string => plain(text).replace(/[,:]+(?= |$)/g, '')

/** As the person reads it on the phone. */
export const textOf = (details: Details): string =>
  Object.entries(details).map(([name, value]) => `${single(name)}: ${single(value)}`).join(', ')

/** The same values give the same digest, in whatever order they stand. */
export const digestOf = (details: Details): string =>
  digest(JSON.stringify(Object.entries(details).map(([name, value]) => [name, value]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1))))

// No vowels, so that no word comes out, and nothing that looks like something else.
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ23456789'

/** A few letters that the browser and the phone show alike, other ones each time: so that a person sees whether both ask about the same login. */
export function interlock(): string {
  const letter = () => alphabet.charAt(randomInt(alphabet.length))
  return `${letter()}${letter()}${letter()}-${letter()}${letter()}${letter()}`
}
