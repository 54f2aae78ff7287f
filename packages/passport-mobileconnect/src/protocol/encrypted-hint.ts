/** The spellings of it among operators. */
const methodSpellings = ['ENCR_MSISDN', 'ENCRYPTED_MSISDN', 'MSISDN_ENCR']

/**
 * The login hint that is made of an encrypted number (`subscriber_id` of discovery); `undefined` where there is none, or where the operator
 * says that it takes none. One that says nothing takes it.
 */
export function encryptedHint(metadata: Readonly<Record<string, unknown>>, subscriberId: string | undefined): string | undefined {
  const named = metadata.login_hint_methods_supported ?? metadata.login_hint_types_supported
  const methods = (Array.isArray(named) ? named : []).map((name) => String(name).toUpperCase())
  const taken = methods.length === 0 || methods.some((name) => methodSpellings.includes(name))
  return subscriberId !== undefined && taken ? `ENCR_MSISDN:${subscriberId}` : undefined
}
