import type { CountryCode, PhoneNumber as ParsedNumber } from 'libphonenumber-js/max'
import { foldNumber } from '../lib/fold.js'
import { recently } from '../lib/recently.js'
import { libphonenumber } from './libphonenumber.js'
import { renumbered } from './renumbering.js'

/** Kinds of numbers, as Google's libphonenumber tells them apart. */
export type NumberType = typeof numberTypes[number]

export const numberTypes = [
  'MOBILE', 'FIXED_LINE_OR_MOBILE', 'FIXED_LINE', 'VOIP', 'PERSONAL_NUMBER', 'PAGER', 'UAN', 'VOICEMAIL', 'PREMIUM_RATE', 'SHARED_COST', 'TOLL_FREE',
] as const

export interface PhoneNumber {
  readonly e164: string
  /** ISO 3166 region it resolves to, which a calling code alone does not say: `+1 876` is Jamaica. */
  readonly country: string
  readonly type: NumberType | undefined
  /** The app says that it can be texted, where the metadata do not know it or call it a landline. */
  readonly vouched?: true
}

export interface NumberRules {
  /** Allowed regions; `undefined` allows all. */
  readonly countries: ReadonlySet<string> | undefined
  readonly types: ReadonlySet<string>
  /** Of numbers in accounts: in which region a national spelling is meant. */
  readonly defaultCountry: CountryCode | undefined
  /** Of numbers in accounts: whether the app vouches for one. */
  readonly acceptNumber: ((e164: string) => unknown) | undefined
}

// Nothing else is let through to the parser, which would read tel: URIs and whole sentences, and drop extensions. One
// slash stands behind an area code (DIN 5008); with few digits behind it, it parts two numbers that end differently.
const SPELLING = /^\+?[0-9 ().-]+(?:\/(?=(?:\D*\d){5})[0-9 ().-]+)?$/
const LONGEST_SPELLING = 40
const LONGEST_UNREAD = 100

/** What the metadata say of a spelling. */
interface Reading {
  readonly e164: string
  readonly country: string | undefined
  readonly callingCode: string
  readonly valid: boolean
  readonly type: NumberType | undefined
}

/**
 * How many spellings are remembered. The library reads each anew, with a regular expression for each test, and a login
 * asks several times.
 */
const REMEMBERED = 10_000

/**
 * Numbers of strangers and numbers of accounts apart: how fast an answer comes tells no stranger what number an account
 * has.
 */
const readStrangers = recently(REMEMBERED, (spelling) => ({ reading: readSpelling(spelling) }))
const readNational = recently(REMEMBERED, (spelling) => (
  { reading: readSpelling(spelling.slice(2), spelling.slice(0, 2) as CountryCode) }
))
const readAccounts = recently(REMEMBERED, (spelling) => ({ reading: readSpelling(spelling) }))

const isReadable = (input: unknown): input is string => typeof input === 'string' && input.length <= LONGEST_UNREAD

/** The one number that a spelling stands for, or `undefined`. International notation only; nothing is guessed. */
export function parseNumber(input: unknown): PhoneNumber | undefined {
  const reading = isReadable(input) ? readStrangers(input).reading : undefined
  return reading?.valid === true ? { e164: reading.e164, country: reading.country ?? '', type: reading.type } : undefined
}

/**
 * The number that stands in an account. Not the person who logs in has written it, but some system and some time ago:
 * so a national spelling has the region that the app names, and the app may vouch for a number that is newer than the
 * metadata. Never for one that costs its owner or ours more.
 */
export function numberOfAccount(
  input: unknown,
  { countries, types, defaultCountry, acceptNumber }: NumberRules,
): PhoneNumber | undefined {
  if (!isReadable(input)) return undefined
  const { reading } = defaultCountry === undefined ? readAccounts(input) : readNational(`${defaultCountry}${input}`)
  if (!reading) return undefined
  const { e164, valid, callingCode } = reading
  const number = {
    e164, country: reading.country ?? regionFor(callingCode, countries), type: valid ? reading.type : undefined,
  }
  const doubtful = !valid || (number.type !== undefined && DOUBTFUL.includes(number.type) && !types.has(number.type))
  const vouched = doubtful && /^\+[1-9]\d{7,14}$/.test(e164) && acceptNumber?.(e164) === true
  if (vouched) return { ...number, vouched }
  return valid ? number : undefined
}

// What the metadata take for no mobile, and may be wrong about.
const DOUBTFUL: readonly NumberType[] = ['FIXED_LINE', 'VOIP', 'PERSONAL_NUMBER']

function readSpelling(input: string, defaultCountry?: CountryCode): Reading | undefined {
  const spelling = foldNumber(input)
  if (spelling.length > LONGEST_SPELLING || !SPELLING.test(spelling) || (!spelling.startsWith('+') && defaultCountry === undefined)) return undefined
  const parsed = parseSpelling(spelling.replace('/', ' '), defaultCountry)
  if (parsed === undefined || parsed.ext !== undefined) return undefined
  if (parsed.isValid()) return readingOf(parsed, true)
  const now = renumbered(parsed.number)
  const followed = now === undefined ? undefined : parseSpelling(now)
  return followed?.isValid() === true ? readingOf(followed, true) : readingOf(parsed, false)
}

const readingOf = (parsed: ParsedNumber, valid: boolean): Reading => ({
  e164: parsed.number,
  country: parsed.country,
  callingCode: parsed.countryCallingCode,
  valid,
  type: parsed.getType(),
})

const parseSpelling = (spelling: string, defaultCountry?: CountryCode): ParsedNumber | undefined =>
  libphonenumber().parsePhoneNumberFromString(spelling, {
    extract: false, ...defaultCountry === undefined ? {} : { defaultCountry },
  })

const callingCodeIn = (country: string): string =>
  libphonenumber().getCountryCallingCode(country as CountryCode)

/** Of a number whose region is not known: the first allowed one with its calling code. */
const regionFor = (callingCode: string, countries: ReadonlySet<string> | undefined): string =>
  [...countries ?? []].find((country) => callingCodeIn(country) === callingCode) ?? ''

/**
 * Why a valid number is not texted, if so. A number of no region (satellite, international networks) is in no country.
 */
export function refusalOf({ country, type, vouched }: PhoneNumber, { countries, types }: NumberRules): 'country' | 'number-type' | undefined {
  if (country === '' || countries?.has(country) === false) return 'country'
  return vouched === true || (type !== undefined && types.has(type)) ? undefined : 'number-type'
}

/** `+447400123456` as `+44 •••• •••456`: enough for its owner to know it again. */
export const maskNumber = (e164: string): string => `+${callingCodeOf(e164)} •••• •••${e164.slice(-3)}`

/** No calling code begins with another one, so that the first that exists is the number's (ITU-T E.164). */
function callingCodeOf(e164: string): string {
  callingCodes ??= new Set(libphonenumber().getCountries().map(callingCodeIn))
  const found = [2, 3, 4].map((end) => e164.slice(1, end)).find((code) => callingCodes?.has(code))
  // Calling codes of no country, such as of satellites, are on no list.
  return found ?? libphonenumber().parsePhoneNumberFromString(e164)?.countryCallingCode ?? ''
}

let callingCodes: ReadonlySet<string> | undefined

/** Masks as the app wants it. A text has left by then: whatever is wrong with it must not make an error of that. */
export const maskWith = (mask: ((e164: string) => unknown) | undefined) => (e164: string): string => {
  try {
    const shown = mask?.(e164)
    void Promise.resolve(shown).catch(() => undefined)
    return typeof shown === 'string' && shown !== '' && !showsAll(shown, e164) ? shown : maskNumber(e164)
  } catch {
    return maskNumber(e164)
  }
}

/** In any spelling, national ones included. */
const showsAll = (shown: string, e164: string): boolean => shown.replace(/\D/g, '').includes(e164.slice(-7))

export const isCountry = (code: unknown): code is CountryCode => typeof code === 'string' && libphonenumber().isSupportedCountry(code)
