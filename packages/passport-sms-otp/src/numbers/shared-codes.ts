import type { CountryCode } from 'libphonenumber-js/max'
import { libphonenumber } from './libphonenumber.js'

/** Regions whose mobile numbers the metadata count as another's, whose calling code they share. */
const counted: Readonly<Record<string, string>> = { AX: 'FI', BL: 'GP', CC: 'AU', CX: 'AU', EH: 'MA', MF: 'GP', SJ: 'NO', VA: 'IT' }

/**
 * Regions that people take for a part of another one whose calling code they share: its list means them, too, or so it
 * seems.
 */
const parts: Readonly<Record<string, readonly string[]>> = { GB: ['GG', 'IM', 'JE'], US: ['AS', 'GU', 'MP', 'PR', 'VI'], RE: ['YT'], CW: ['BQ'], SH: ['TA'] }

/** What of a list of countries may be meant otherwise: numbers that begin alike belong to several regions. */
export function sharedCodes(countries: ReadonlySet<string>): string[] {
  return [...countries].flatMap((country) => {
    const resolved = counted[country]
    if (resolved !== undefined) return countries.has(resolved) ? [] : [`mobile numbers of ${country} count as ${resolved}, which is not on the list`]
    const code = libphonenumber().getCountryCallingCode(country as CountryCode)
    const others = (parts[country] ?? []).filter((other) => !countries.has(other))
    return others.length === 0 ? [] : [`${country} shares +${code} with ${others.join(', ')}`]
  })
}

let hasTold = false

/**
 * Says once what the list of countries leaves out: that Jersey is not in Great Britain shows at the login of a user
 * from there.
 */
export function tellSharedCodes(countries: ReadonlySet<string> | undefined): void {
  const traps = hasTold || !countries ? [] : sharedCodes(countries)
  if (traps.length === 0) return
  hasTold = true
  process.emitWarning(`countries: ${traps.join('; ')}. Only numbers of listed regions are texted: name those that are meant.`, { code: 'SMS_OTP_SHARED_CODE' })
}
