import type { CountryCode } from 'libphonenumber-js/max'
import { libphonenumber } from './libphonenumber.js'

/** A mobile number that is nobody's, as it is written in that country. The table is loaded when it is asked for. */
export async function exampleNumber(country: CountryCode): Promise<string | undefined> {
  const { default: examples } = await import('libphonenumber-js/mobile/examples')
  return libphonenumber().getExampleNumber(country, examples)?.formatNational()
}
