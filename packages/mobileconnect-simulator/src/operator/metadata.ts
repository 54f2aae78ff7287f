import type { OperatorContext } from './context.js'
import { versions } from './strictness.js'

/** What Mobile Connect adds to the provider metadata. */
export const metadataOf = ({ issuer }: OperatorContext): Record<string, unknown> => ({
  mc_version: versions,
  mobile_connect_version_supported: [
    { openid: 'mc_v1.1' },
    ...['mc_authn', 'mc_authz', 'mc_identity_phonenumber'].flatMap((scope) =>
      ['mc_di_r2_v2.3', 'mc_v2.0'].map((version) => ({ [`openid ${scope}`]: version })),
    ),
  ],
  mc_amr_values_supported: ['SIM_OK', 'SIM_PIN'],
  login_hint_methods_supported: ['MSISDN', 'ENCR_MSISDN', 'PCR'],
  login_hint_types_supported: ['MSISDN', 'ENCR_MSISDN', 'PCR'],
  premiuminfo_endpoint: `${issuer}/premiuminfo`,
})
