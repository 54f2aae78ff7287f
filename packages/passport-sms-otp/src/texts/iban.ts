/**
 * Whether a text is an International Bank Account Number, by its check digits: in one piece, or in groups of four (ISO
 * 13616, ISO 7064 MOD 97-10).
 */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)$/.test(text)) return false
  const compact = text.replaceAll(' ', '')
  const digits = `${compact.slice(4)}${compact.slice(0, 4)}`.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))
  return BigInt(digits) % 97n === 1n
}
