import { getCountries, getCountryCallingCode, type CountryCode } from 'libphonenumber-js/max'

/** Regions whose mobile numbers the metadata count as another's, whose calling code they share. */
const counted: Readonly<Record<string, string>> = { AX: 'FI', BL: 'GP', CC: 'AU', CX: 'AU', EH: 'MA', MF: 'GP', SJ: 'NO', VA: 'IT' }

/** What of a list of countries may be meant otherwise: numbers that begin alike belong to several regions. */
export function sharedCodes(countries: ReadonlySet<string>): string[] {
  return [...countries].flatMap((country) => {
    const resolved = counted[country]
    if (resolved !== undefined) return countries.has(resolved) ? [] : [`mobile numbers of ${country} count as ${resolved}, which is not on the list`]
    const code = getCountryCallingCode(country as CountryCode)
    const others = getCountries().filter((other) => getCountryCallingCode(other) === code && !countries.has(other) && counted[other] === undefined)
    return others.length === 0 ? [] : [`${country} shares +${code} with ${others.join(', ')}`]
  })
}

let told = false

/** Says once what the list of countries leaves out: that Jersey is not in Great Britain shows at the login of somebody from there. */
export function tellSharedCodes(countries: ReadonlySet<string> | undefined): void {
  const traps = told || !countries ? [] : sharedCodes(countries)
  if (traps.length === 0) return
  told = true
  process.emitWarning(`countries: ${traps.join('; ')}. Only numbers of listed regions are texted.`, { code: 'SMS_OTP_SHARED_CODE' })
}
