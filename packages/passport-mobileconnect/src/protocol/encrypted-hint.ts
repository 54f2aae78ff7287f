/** How operators spell this kind of login hint. */
const methodSpellings = ['ENCR_MSISDN', 'ENCRYPTED_MSISDN', 'MSISDN_ENCR']

/**
 * The login hint for an encrypted number (`subscriber_id` of discovery).
 * `undefined` when there is no such number, or when the operator's metadata lists the hints it takes, without this one.
 */
export function encryptedHint(
  metadata: Readonly<Record<string, unknown>>,
  subscriberId: string | undefined,
): string | undefined {
  const named = metadata.login_hint_methods_supported ?? metadata.login_hint_types_supported
  const methods = (Array.isArray(named) ? named : []).map((name) => String(name).toUpperCase())
  const taken = methods.length === 0 || methods.some((name) => methodSpellings.includes(name))
  return subscriberId !== undefined && taken ? `ENCR_MSISDN:${subscriberId}` : undefined
}
