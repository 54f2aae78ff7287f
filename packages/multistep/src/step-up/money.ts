/** Which bound numbers are amounts of money: a currency (ISO 4217) by the name of the value. */
export type Currencies = Readonly<Record<string, string>>

/** @throws TypeError for what is no currency. */
export function checkCurrencies(currencies: Currencies): void {
  const known = new Set(Intl.supportedValuesOf('currency'))
  const [name, stranger] = Object.entries(currencies).find(([, currency]) => !known.has(currency)) ?? []
  if (name === undefined) return
  throw new TypeError(`multistep: require: currency.${name} is an ISO 4217 code such as 'EUR', not `
    + `${JSON.stringify(stranger)}.`)
}

/** Why a value is no amount that can be shown with all of its decimals. */
export function flawOfAmount(value: unknown, currency: string): string | undefined {
  if (typeof value !== 'number') return 'has a currency, and is no number'
  return Number(value.toFixed(decimalsOf(currency))) === value ? undefined : `has more decimals than ${currency}`
}

/**
 * `25.50 EUR`: written alike on the page, in a text and on a phone, whatever the language, so that the person compares
 * equal words.
 */
export const amountText = (value: number, currency: string): string =>
  `${value.toFixed(decimalsOf(currency))} ${currency}`

const decimalsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
