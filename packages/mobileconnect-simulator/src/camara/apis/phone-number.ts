/** `PhoneNumber` of the published documents. */
export const isPhoneNumber = (value: unknown): value is string =>
  typeof value === 'string' && /^\+[1-9][0-9]{4,14}$/.test(value)
