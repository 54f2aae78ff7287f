import { SmsOtpError } from '../errors.js'

export interface ProviderErrorOptions {
  readonly providerCode?: string | undefined
  /** Redacted already. */
  readonly cause?: Error
}

/** The provider certainly did not take the text. */
export const refused = (message: string, { temporary, ...options }: ProviderErrorOptions & { readonly temporary: boolean }): SmsOtpError =>
  new SmsOtpError('undeliverable', message, { ...options, temporary })

/** Nobody knows what became of the text: it may still arrive. */
export function unknownOutcome(message: string, { providerCode, cause }: ProviderErrorOptions): Error {
  const error = new Error(message, cause ? { cause } : undefined)
  return providerCode === undefined ? error : Object.assign(error, { providerCode })
}
