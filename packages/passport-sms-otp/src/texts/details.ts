import { SmsOtpError } from '../lib/errors.js'
import { checkList, checkOptionNames } from '#internal/option-checks'
import { isIban } from './iban.js'

/**
 * Named values that a code confirms, such as `{ amount: '100.00 EUR', payee: 'Bob' }`.
 *
 * What the person reads is all that stands between them and an attacker who changes what they confirm. So a value is
 * shown as it is, or refused: nothing is left out of it, cut, or written in another way (PSD2 RTS, Article 5).
 */
export type Details = Readonly<Record<string, string>>

/** What values of `details` may hold beside words of the Latin script, amounts and short numbers. */
export interface DetailsMayHold {
  /**
   * Scripts of letters, by their codes of ISO 15924, such as `['Latn', 'Cyrl']`; `'Jpan'` and `'Kore'` are known, too.
   * A value has letters of one. With more than one, a name can be imitated by letters of another that look alike.
   * @default ['Latn']
   */
  readonly scripts?: readonly string[] | undefined
  /**
   * Names of the values that may read like a number to call: five digits or more, such as `['reference']`. Amounts,
   * dates and IBANs may always.
   */
  readonly numbers?: readonly string[] | undefined
  /** Names of the values that may read like an address to open or to write to: a host, a link, e-mail. */
  readonly addresses?: readonly string[] | undefined
}

export interface DetailRules {
  readonly scripts: readonly RegExp[]
  readonly numbers: readonly string[]
  readonly addresses: readonly string[]
  /** The names of the values that a text shows. A sender's texts show all. */
  readonly shown: 'all' | readonly string[]
}

/** Which value cannot be shown, and why. Never what it holds. */
export interface DetailFault {
  readonly name: string
  readonly why: string
}

const LONGEST_DETAIL_NAME = 20
/** One line of a preview. */
const LONGEST_VALUE = 40
/** With the sentence around them, what the preview of a text shows without being opened. */
const LONGEST_LIST = 120

/** @throws TypeError that says what to write instead. */
export function readDetailRules(given: DetailsMayHold = {}, shown: DetailRules['shown'] = 'all'): DetailRules {
  checkOptionNames('detailsMayHold', given, ['scripts', 'numbers', 'addresses'])
  const { scripts = ['Latn'], numbers = [], addresses = [] } = given
  for (const [option, names] of Object.entries({ numbers, addresses })) {
    if (!checkList(`detailsMayHold.${option}`, names, '[\'reference\']').every((name) => typeof name === 'string')) throw new TypeError(`detailsMayHold.${option} holds the names of values.`)
  }
  return { scripts: checkList('detailsMayHold.scripts', scripts, '[\'Latn\']').map(lettersOf), numbers, addresses, shown }
}

// Of the letters that Unicode counts as Latin, the ones in the alphabets of living languages. The others (phonetic,
// full-width, small capitals) imitate them.
const LATIN = 'A-Za-zÀ-ÖØ-öø-žƠơƯưǍ-ǜȘ-țḀ-ẛẞ-ỹ'
const together: Readonly<Record<string, readonly string[]>> = { Jpan: ['Hani', 'Hira', 'Kana'], Kore: ['Hang', 'Hani'] }

function lettersOf(script: unknown): RegExp {
  if (script === 'Latn') return new RegExp(`^[${LATIN}]+$`, 'u')
  const parts = typeof script === 'string' ? (Object.hasOwn(together, script) ? together[script] : undefined) ?? [script] : []
  try {
    if (parts.length > 0) return new RegExp(`^[${parts.map((part) => `\\p{Script_Extensions=${part}}`).join('')}]+$`, 'u')
  } catch {
    // No such script.
  }
  throw new TypeError(`detailsMayHold.scripts holds codes of ISO 15924 such as 'Latn' or 'Cyrl', not ${JSON.stringify(script)}.`)
}

/**
 * The first value that a text cannot show as it is.
 * @throws TypeError for what is no object of values.
 */
export function faultIn(details: unknown, rules: DetailRules): DetailFault | undefined {
  if (details === undefined) return undefined
  if (typeof details !== 'object' || details === null || Array.isArray(details)) throw new TypeError('details is an object of named strings.')
  const entries = Object.entries(details as Record<string, unknown>)
  const names = entries.map(([name]) => name)
  for (const [index, [name, value]] of entries.entries()) {
    const faultOfItsName = faultOfShowing(name, rules) ?? faultOfName(name, names.slice(0, index), rules)
    const why = faultOfItsName ?? faultOfValue(name, value, names, rules)
    if (why !== undefined) return { name, why }
  }
  return faultOfLength(details as Details)
}

const faultOfShowing = (name: string, { shown }: DetailRules): string | undefined =>
  (shown === 'all' || shown.includes(name) ? undefined : 'the texts of the provider do not show it')

function faultOfName(name: string, before: readonly string[], rules: DetailRules): string | undefined {
  if (name.length > LONGEST_DETAIL_NAME || !/^\p{L}[\p{L}\p{M}\p{N}]*(?:[ _-][\p{L}\p{M}\p{N}]+)*$/u.test(name) || !isOfOneScript(name, rules)) {
    return `a name is of at most ${LONGEST_DETAIL_NAME} letters, digits and single spaces, - or _ between them`
  }
  return before.some((other) => folded(other) === folded(name)) ? 'its name reads like the name of another value' : undefined
}

const folded = (name: string): string => name.normalize('NFKD').replace(/[^\p{L}\p{N}]/gu, '').toLowerCase()

function faultOfValue(name: string, value: unknown, names: readonly string[], rules: DetailRules): string | undefined {
  if (typeof value !== 'string') return `it is ${value === null ? 'null' : typeof value} and no text: write String(value)`
  if (Array.from(value).length > LONGEST_VALUE) return `it is longer than ${LONGEST_VALUE} characters, one line of a preview`
  if (!isOfOneScript(value, rules)) return 'it has letters or digits that imitate others, or of another script than detailsMayHold.scripts names'
  if (isAmount(name, value)) return isLongNumber(name, value, rules) ? CALLED : undefined
  if (isNamedAmount(name)) return 'it is called amount and is none: a number, with or without a currency'
  return faultOfWords(name, value, names, rules)
}

const CALLED = 'it reads like a number to call: name it in detailsMayHold.numbers if it is none'

function faultOfWords(
  name: string,
  value: string,
  names: readonly string[],
  { numbers, addresses }: DetailRules,
): string | undefined {
  const mayBeAddress = addresses.includes(name)
  if (!/[\p{L}\p{N}]/u.test(value)) return 'it has no letter and no digit'
  if (!(mayBeAddress ? WORDS_AND_ADDRESSES : WORDS).test(value)) return 'it has a sign that a text cannot show as a part of one value, a space at its end, or two in a row'
  if (!mayBeAddress && ADDRESS.test(value)) return 'it reads like an address to open: name it in detailsMayHold.addresses if it may'
  if (!numbers.includes(name) && !isIban(value) && readsLikeCalling(value)) return CALLED
  return passesForAnother(value, names.filter((other) => other !== name)) ? 'it names another value, or an amount, and could pass for it' : undefined
}

/** In one form, and with letters of one script. Digits are the digits of ASCII. */
function isOfOneScript(text: string, { scripts }: DetailRules): boolean {
  const letters = text.replace(/[^\p{L}\p{M}]/gu, '')
  const folds = text.replace(/[\u00a0\u202f]/g, ' ')
  return folds.normalize('NFKC') === folds && !/(?![0-9])\p{N}/u.test(text) && (letters === '' || scripts.some((script) => script.test(letters)))
}

const codes = Intl.supportedValuesOf('currency')
const CURRENCY = `(?:\\p{L}{0,3}\\p{Sc}|${codes.join('|')}|(?:kr|Kč|zł|Ft|lei|Fr|Rs|Rp|RM)\\.?)`
const GAP = '[ \\u00a0\\u202f]?'
const NUMBER = '(?:[1-9]\\d{0,2}([.,\'’ \\u00a0\\u202f])\\d{2,3}(?:\\1\\d{2,3})*|[1-9]\\d{0,8}|0)(?:[.,]\\d{1,8})?'
const MONEY = new RegExp(`^(?:${CURRENCY}${GAP})?[-−]?(?:${CURRENCY}${GAP})?${NUMBER}(?:${GAP}${CURRENCY})?$`, 'u')
const POINTS = new RegExp(`^${NUMBER}${GAP}\\p{L}{1,10}$`, 'u')

/** A number in decimal notation, with or without a currency; what is called amount may have another unit. */
const isAmount = (
  name: string,
  value: string,
): boolean => MONEY.test(value) || (isNamedAmount(name) && POINTS.test(value))
const isNamedAmount = (name: string): boolean => folded(name) === 'amount'

/** Under another name than `amount`, and without a currency, a long number need not be an amount. */
const isLongNumber = (name: string, value: string, { numbers }: DetailRules): boolean =>
  !isNamedAmount(name) && !numbers.includes(name) && !/[\p{L}\p{Sc}]/u.test(value) && readsLikeCalling(value)

// A quotation mark ends a value, so none may stand in it, nor two apostrophes that look like one. A colon stands in
// times of day.
const WORDS = /^(?! )(?!.* {2})(?!.* $)(?:[\p{L}\p{M}\p{N} .,+\-/&()_%#*!?]|(?<=\p{L})['’](?=\p{L})|(?<=\d):(?=\d))+$/u
const WORDS_AND_ADDRESSES = /^(?! )(?!.* {2})(?!.* $)(?:[\p{L}\p{M}\p{N} .,+\-/&()_%*!?@:=~;]|(?<=\p{L})['’](?=\p{L}))+$/u

// A host, an e-mail address, a link, an IPv4 address: what handsets show as something to touch.
const ADDRESS = /\S\.\p{L}[\p{L}\p{N}]|@|\/\/|\bwww\b|\bhttps?\b|(?:\d{1,3}\.){3}\d/iu

const DATE = /(?<!\d)(?:(?:[12]?\d|3[01]|0\d)([./-])(?:[12]?\d|3[01]|0\d)\1(?:19|20)\d\d|(?:19|20)\d\d-(?:0\d|1[0-2])-(?:[0-2]\d|3[01]))(?!\d)/g
const TIME = /(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])/g
/** Handsets take five digits for a number to call, whatever signs part them; that is also what a code looks like. */
const CALLING = /(?:\d[^\p{L}\p{N}]*){5}/u

/**
 * Letters on the keys of a telephone stand for digits, as behind the area codes that cost the caller nothing:
 * `1-800-FLOWERS`.
 */
const VANITY = /(?<![\p{L}\p{N}])(?:[01][ .()-]{0,2}(?:80[08]|8([2-8])\1|900)[ .()-]{0,2}|800-)\p{L}{3}/u

/** A capital O for a nought, and an I or an l for a one, among digits. */
const IMITATED = /(?<![\p{L}\p{N}])[OoIl]*\d[\dOoIl]*(?![\p{L}\p{N}])/gu
const withDigits = (text: string): string => text.replace(/[Oo]/g, '0').replace(/[Il]/g, '1')

function readsLikeCalling(value: string): boolean {
  const plain = value.replace(IMITATED, withDigits)
  return VANITY.test(plain) || CALLING.test(plain.replace(DATE, 'x').replace(TIME, 'x'))
}

/** An amount of money, or the name of another value with a number: `Bob, amount 5`. */
function passesForAnother(value: string, others: readonly string[]): boolean {
  if (/\p{Sc}/u.test(value)) return true
  if ([...value.matchAll(/\d ?([A-Z]{3})(?!\p{L})|(?<!\p{L})([A-Z]{3}) ?\d/gu)].some(([, behind, before]) => codes.includes(behind ?? before ?? ''))) return true
  const words = new Set(value.split(/[^\p{L}]+/u).map(folded))
  return /\d/.test(value) && [...others, 'amount'].some((name) => words.has(folded(name)))
}

function faultOfLength(details: Details): DetailFault | undefined {
  const shown = inOrder(details)
  const over = shown.findIndex(
    (_, index) => listed(Object.fromEntries(shown.slice(0, index + 1))).length > LONGEST_LIST,
  )
  const [name] = shown[over] ?? []
  return name === undefined ? undefined : { name, why: `with it the values take more than ${LONGEST_LIST} characters` }
}

/** @throws SmsOtpError `details_invalid`, TypeError for what is no object of values. */
export function checkDetails(details: unknown, rules: DetailRules): Details {
  const fault = faultIn(details, rules)
  if (fault) throw new SmsOtpError('details_invalid', sentenceOf(fault), { expose: false })
  return (details ?? {}) as Details
}

export const sentenceOf = ({ name, why }: DetailFault): string => `details.${name} cannot be shown as it is: ${why}.`

/** The amount comes first, then other numbers, then words: what is read without opening the text is what it costs. */
function inOrder(details: Details): [name: string, value: string][] {
  const entries = Object.entries(details).map(([name, value]): [string, string] => [name, spaced(value)])
  return entries.sort((one, other) => rankOf(...one) - rankOf(...other))
}

function rankOf(name: string, value: string): number {
  if (isNamedAmount(name)) return 0
  return isAmount(name, value) ? 1 : 2
}

/**
 * Amounts as `Intl` writes them have spaces that cost a text its alphabet. They look like any other, and stand in
 * nothing but amounts.
 */
const spaced = (value: string): string => value.replace(/[\u00a0\u202f]/g, ' ')

/** As they are shown, the amount first. */
export const shownDetails = (details: Details): Details => Object.fromEntries(inOrder(details))

/** As one list, such as `amount: "100.00 EUR", payee: "Bob"`. No value can hold the sign that ends it. */
export const listed = (details: Details): string => inOrder(details).map(([name, value]) => `${name}: "${value}"`).join(', ')

/** The name of a value that a text leaves out. Each stands in it apart from the code and from the others. */
export function leftOut(text: string, code: string, details: Details): string | undefined {
  // Most texts have none, and looking for a place compiles a pattern: that would be four fifths of what a text costs.
  if (Object.keys(details).length === 0) return undefined
  // Once only: an account number may hold the same digits as the code.
  let rest = without(code, text) ?? text
  const longestFirst = inOrder(details).sort(([, one], [, other]) => other.length - one.length)
  for (const [name, value] of longestFirst) {
    const others = without(value, rest)
    if (others === undefined) return name
    rest = others
  }
  return undefined
}

function without(value: string, text: string): string | undefined {
  const at = placeOf(text, value)
  return at === undefined ? undefined : `${text.slice(0, at)}x${text.slice(at + value.length)}`
}

/** Where a value stands as itself, and not as a piece of a longer word or number. */
function placeOf(text: string, value: string): number | undefined {
  // A hyphen is none of the signs that may be escaped here.
  const literal = value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  const found = new RegExp(`(?<![\\p{L}\\p{N}]|\\d[.,:])${literal}(?![\\p{L}\\p{N}]|[.,:]\\d)`, 'u').exec(text)
  return found?.index
}
