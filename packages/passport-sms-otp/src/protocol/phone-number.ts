import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { foldNumber } from './fold.js'

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
}

export interface NumberRules {
  /** Allowed regions; `undefined` allows all. */
  readonly countries: ReadonlySet<string> | undefined
  readonly types: ReadonlySet<string>
}

// Nothing else is let through to the parser, which would read tel: URIs and whole sentences, and drop extensions. One slash stands behind an area code
// (DIN 5008); with few digits behind it, it parts two numbers that end differently.
const SPELLING = /^\+[0-9 ().-]+(?:\/(?=(?:\D*\d){5})[0-9 ().-]+)?$/
const LONGEST = 40
const LONGEST_UNREAD = 100

/** The one number that a spelling stands for, or `undefined`. International notation only; nothing is guessed. */
export function parseNumber(input: unknown): PhoneNumber | undefined {
  if (typeof input !== 'string' || input.length > LONGEST_UNREAD) return undefined
  const spelling = foldNumber(input)
  if (spelling.length > LONGEST || !SPELLING.test(spelling)) return undefined
  const parsed = parsePhoneNumberFromString(spelling.replace('/', ' '), { extract: false })
  if (!parsed?.isValid() || parsed.ext !== undefined) return undefined
  return { e164: parsed.number, country: parsed.country ?? '', type: parsed.getType() }
}

/** Why a valid number is not texted, if so. A number of no region (satellite, international networks) is in no country. */
export function refusalOf(number: PhoneNumber, { countries, types }: NumberRules): 'country' | 'number-type' | undefined {
  if (number.country === '' || countries?.has(number.country) === false) return 'country'
  return number.type !== undefined && types.has(number.type) ? undefined : 'number-type'
}

/** `+447400123456` as `+44 •••• •••456`: enough for its owner to know it again. */
export function maskNumber(e164: string): string {
  const callingCode = parsePhoneNumberFromString(e164)?.countryCallingCode ?? ''
  return `+${callingCode} •••• •••${e164.slice(-3)}`
}

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

export const isCountry = (code: unknown): boolean => typeof code === 'string' && isSupportedCountry(code)
