import { randomInt } from 'node:crypto'
import { digest } from './login-hint.js'

/** Named values that a login confirms, such as the payee and the amount of a transfer. */
export type Details = Readonly<Record<string, string>>

/** How many characters every phone shows whole, beside the letters of the interlock. */
const MAX_SHOWN_CHARACTERS = 90

/**
 * The text that the phone shows. Amounts come first, for a user who reads only the beginning.
 * The values were checked by `unshowable` and are shown unchanged: a value that was shortened could be confirmed as
 * another one.
 */
export function detailsText(details: Details): string {
  const amountsFirst = Object.entries(details)
    .sort(([, one], [, other]) => Number(isAmount(other)) - Number(isAmount(one)))
  return amountsFirst.map(([name, value]) => `${name}: ${value}`).join(', ')
}

/** The name of a value that a phone cannot show whole and beyond doubt. `undefined`: it can show all of them. */
export function unshowable(details: Details): string | undefined {
  const entries = Object.entries(details)
  const names = entries.map(([name]) => name.toLowerCase())
  const repeated = entries.find((_, index) => names.indexOf(names[index] ?? '') < index)
  const unclear = repeated ?? entries.find(([name, value]) => !isName(name) || !isShowable(value))
  if (unclear) return unclear[0]
  if (detailsText(details).length <= MAX_SHOWN_CHARACTERS) return undefined
  const [longest] = entries.sort(([, one], [, other]) => other.length - one.length)
  return longest?.[0]
}

const isName = (name: string): boolean => /^[\p{L}\d][\p{L}\p{M}\d _-]*$/u.test(name) && isText(name)

/**
 * The operator shows a value beside its own words. So it must not look like markup, the end of a link, or another line.
 * An apostrophe is allowed, because names have one.
 */
const plainCharacters = /^[\p{L}\p{M}\d\p{Sc} .,:+\-/&()#%'’]+$/u

function isShowable(value: unknown): boolean {
  if (typeof value !== 'string' || !plainCharacters.test(value) || !/[\p{L}\d]/u.test(value) || !isText(value)) {
    return false
  }
  // The separators of values must not be in one: its rest would read as another value.
  if (/[,:]( |$)/.test(value)) return false
  return !readsAsAddress(value) && !readsAsNumberToCall(value)
}

/** A text of one spelling (NFKC) in one script, whose letters do not all look like Latin ones. */
function isText(text: string): boolean {
  if (text !== text.normalize('NFKC').trim() || / {2}|\p{M}{3}/u.test(text)) return false
  const letters = text.replace(/[^\p{L}]/gu, '')
  if (letters === '' || /^[A-Za-z\u00c0-\u01bf\u01c4-\u024f\u1e00-\u1eff]*$/.test(letters)) return true
  return scripts.some((script) => script.test(letters)) && !looksLatin.test(letters)
}

/** Cyrillic, Greek and Armenian letters that look like Latin ones. */
const looksLatin = /^[АВЕЅІЈКМНОРСТУҮХаеорсухѕіјһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧορνυօսոհցՏՕԼ]+$/

const scripts = [
  'Cyrillic', 'Greek', 'Armenian', 'Georgian', 'Hebrew', 'Arabic', 'Devanagari', 'Bengali', 'Gujarati', 'Gurmukhi',
  'Kannada', 'Malayalam', 'Sinhala', 'Tamil', 'Telugu', 'Thai', 'Lao', 'Khmer', 'Myanmar', 'Ethiopic', 'Hangul',
]
  .map((name) => new RegExp(`^\\p{Script=${name}}+$`, 'u'))
  .concat(/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]+$/u)

const readsAsAddress = (value: string): boolean => /\p{L}\.\p{L}{2}|\/\/|\bwww\b|\bhttps?\b/iu.test(value)

const isAmount = (value: string): boolean =>
  /^-?(\p{Sc} ?|[A-Z]{3} )?(0|[1-9]\d{0,2}([ ,.]?\d{3})*)([.,]\d{1,4})?( ?\p{Sc}| [A-Z]{3})?$/u.test(value)

/** A bank account (ISO 13616) and a day (ISO 8601) have as many digits as a phone number. */
const isAccountOrDay = (value: string): boolean =>
  /^([A-Z]{2}\d{2}[A-Z\d ]{10,38}|\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?)$/.test(value)

const readsAsNumberToCall = (value: string): boolean =>
  !isAmount(value) && !isAccountOrDay(value) && /\d(?:[ ().,:+/#&%_'’-]*\d){6}/.test(value)

/** The same values have the same digest, in any order. */
export const detailsDigest = (details: Details): string =>
  digest(JSON.stringify(Object.entries(details).sort(([one], [other]) => (one < other ? -1 : 1))))

/** Without vowels, so that no word comes out, and without letters and digits that look alike. */
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ23456789'

/**
 * A few random letters that the browser and the phone both show. The user sees by them whether both ask about the same
 * login.
 */
export function interlock(): string {
  const letter = () => alphabet.charAt(randomInt(alphabet.length))
  return `${letter()}${letter()}${letter()}-${letter()}${letter()}${letter()}`
}
