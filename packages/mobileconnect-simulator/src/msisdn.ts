/** The digits of a number as a person or a query string may write it. */
export const digitsOf = (number: string): string => number.replace(/[^0-9]/g, '')

/** Whether this can be an international number (E.164): 7 to 15 digits, the first no zero. */
export const isMsisdn = (digits: string): boolean => /^[1-9]\d{6,14}$/.test(digits)
