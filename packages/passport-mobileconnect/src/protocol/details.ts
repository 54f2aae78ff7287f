import { randomInt } from 'node:crypto'
import { digest } from './login-hint.js'

/** Named values that a login confirms, such as the payee and the amount of a transfer. */
export type Details = Readonly<Record<string, string>>

/** Characters that every phone shows whole, beside the letters of the interlock. */
const MAX_SHOWN_CHARACTERS = 90

/**
 * As the person reads it on the phone: amounts first, for who reads only the beginning.
 * What it is made of was checked (`unshowable`), and is shown as it is: a value that said less than what it stands for would be confirmed for
 * something else.
 */
export const detailsText = (details: Details): string =>
  Object.entries(details).sort(([, one], [, other]) => Number(isAmount(other)) - Number(isAmount(one))).map(([name, value]) => `${name}: ${value}`).join(', ')

/** The name of a value that a phone can not show whole, and so that nobody reads it as something else; `undefined`: all can be shown. */
export function unshowable(details: Details): string | undefined {
  const entries = Object.entries(details)
  const twice = entries.find(([name], index) => entries.findIndex(([other]) => other.toLowerCase() === name.toLowerCase()) < index)
  const bad = twice ?? entries.find(([name, value]) => !isName(name) || !isShowable(value))
  if (bad) return bad[0]
  const [[longest] = ['']] = [...entries].sort(([, one], [, other]) => other.length - one.length)
  return detailsText(details).length > MAX_SHOWN_CHARACTERS ? longest : undefined
}

const isName = (name: string): boolean => /^[\p{L}\d][\p{L}\p{M}\d _-]*$/u.test(name) && isText(name)

/** Shown beside the operator's own words: nothing that could look like markup, a link's end or another line; and an apostrophe is in names. */
const plain = /^[\p{L}\p{M}\d\p{Sc} .,:+\-/&()#%'’]+$/u

function isShowable(value: unknown): boolean {
  if (typeof value !== 'string' || !plain.test(value) || !/[\p{L}\d]/u.test(value) || !isText(value)) return false
  // What separates the values must not stand in one: it would read as another value.
  if (/[,:]( |$)/.test(value)) return false
  return !readsAsAddress(value) && !readsAsNumberToCall(value)
}

/** One spelling, one script, and none that only looks like Latin. */
function isText(text: string): boolean {
  if (text !== text.normalize('NFKC').trim() || / {2}|\p{M}{3}/u.test(text)) return false
  const letters = text.replace(/[^\p{L}]/gu, '')
  if (letters === '' || /^[A-Za-z\u00c0-\u01bf\u01c4-\u024f\u1e00-\u1eff]*$/.test(letters)) return true
  return scripts.some((script) => script.test(letters)) && !/^[АВЕЅІЈКМНОРСТУҮХаеорсухѕіјһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧορνυօսոհցՏՕԼ]+$/.test(letters)
}

const scripts = [
  'Cyrillic', 'Greek', 'Armenian', 'Georgian', 'Hebrew', 'Arabic', 'Devanagari', 'Bengali', 'Gujarati', 'Gurmukhi', 'Kannada', 'Malayalam', 'Sinhala', 'Tamil',
  'Telugu', 'Thai', 'Lao', 'Khmer', 'Myanmar', 'Ethiopic', 'Hangul',
].map((name) => new RegExp(`^\\p{Script=${name}}+$`, 'u')).concat(/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]+$/u)

const readsAsAddress = (value: string): boolean => /\p{L}\.\p{L}{2}|\/\/|\bwww\b|\bhttps?\b/iu.test(value)

const isAmount = (value: string): boolean => /^-?(\p{Sc} ?|[A-Z]{3} )?(0|[1-9]\d{0,2}([ ,.]?\d{3})*)([.,]\d{1,4})?( ?\p{Sc}| [A-Z]{3})?$/u.test(value)

/** A bank account (ISO 13616) and a day (ISO 8601) have as many digits, and nobody calls them. */
const isAccountOrDay = (value: string): boolean => /^([A-Z]{2}\d{2}[A-Z\d ]{10,38}|\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?)$/.test(value)

const readsAsNumberToCall = (value: string): boolean => !isAmount(value) && !isAccountOrDay(value) && /\d(?:[ ().,:+/#&%_'’-]*\d){6}/.test(value)

/** The same values give the same digest, in whatever order they stand. */
export const detailsDigest = (details: Details): string =>
  digest(JSON.stringify(Object.entries(details).map(([name, value]) => [name, value]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1))))

// No vowels, so that no word comes out, and nothing that looks like something else.
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ23456789'

/** A few letters that the browser and the phone show alike, other ones each time: so that a person sees whether both ask about the same login. */
export function interlock(): string {
  const letter = () => alphabet.charAt(randomInt(alphabet.length))
  return `${letter()}${letter()}${letter()}-${letter()}${letter()}${letter()}`
}
