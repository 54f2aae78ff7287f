import { MobileConnectError } from '../errors.js'

// The profile of Mobile Connect that a request follows. It depends on the versions that the operator advertises, and on
// the scopes that each version knows.
const identity = ['mc_identity_phonenumber', 'mc_identity_nationalid', 'mc_identity_signup', 'mc_identity_signupplus']
const attributes = ['mc_attr_vm_match', 'mc_attr_vm_match_hash', 'mc_attr_vm_share', 'mc_attr_vm_share_hash', 'mc_atp']
const india = ['mc_india_tc', 'mc_mnv_validate', 'mc_mnv_validate_plus']
const versions: readonly (readonly [version: string, scopes: readonly string[]])[] = [
  ['mc_di_r3.0', [
    'mc_authn', 'mc_authz', 'mc_phonenumber', 'mc_nationalid', 'mc_signup', 'mc_kyc_plain', 'mc_kyc_hashed',
    ...attributes, ...india,
  ]],
  ['mc_di_r2_v2.3', ['mc_authn', 'mc_authz', ...identity, 'mc_kyc_plain', 'mc_kyc_hashed', ...attributes, ...india]],
  ['mc_v2.0', ['mc_authn', 'mc_authz', ...identity, ...india]],
  ['mc_v1.1', india],
]

/** The GSMA's library spells one version in another way. */
const spelling: Readonly<Record<string, string>> = { 'mc_di_v3.0': 'mc_di_r3.0' }

/**
 * The newest version that the operator advertises (`mc_version`) and that knows all these scopes.
 * An operator that advertises none may name one for exactly this scope (`mobile_connect_version_supported`).
 * Otherwise there is none for plain OpenID Connect, and `mc_v2.0` for Mobile Connect's scopes, which need a version.
 * @throws MobileConnectError `operator_misconfigured` when no advertised version knows them.
 */
export function detectVersion(metadata: Readonly<Record<string, unknown>>, scope: string): string | undefined {
  const advertised = textsIn(metadata.mc_version)
  const scopes = scope.split(' ').filter((name) => name.startsWith('mc_'))
  if (advertised.length === 0) {
    const byDefault = scopes.length === 0 ? undefined : 'mc_v2.0'
    return versionByScope(metadata.mobile_connect_version_supported, scope) ?? byDefault
  }
  const fitting = versions.filter(([, knows]) => scopes.every((name) => knows.includes(name)))
  for (const [version] of fitting) {
    const found = findSpelling(advertised, version)
    if (found !== undefined) return found
  }
  if (advertised.length === 1 && advertised[0] === 'mc_v1.2') return 'mc_v1.2'
  throw new MobileConnectError(
    'operator_misconfigured',
    `The operator supports ${advertised.join(', ')}, and none of them knows the scope '${scope}':`
    + ' set another scope, or version.',
  )
}

const findSpelling = (advertised: readonly string[], version: string) =>
  advertised.find((name) => (spelling[name] ?? name) === version)

/** Reads a list of objects that each have one key, a scope. Of a scope that is there twice, the first counts. */
function versionByScope(table: unknown, scope: string): string | undefined {
  const entries: readonly unknown[] = Array.isArray(table) ? table : []
  const pairs = entries.flatMap((entry) => Object.entries(entry ?? {}) as [string, unknown][])
  const named = (wanted: string) => textsIn(pairs.find(([name]) => sorted(name) === sorted(wanted))?.[1])[0]
  return named(scope) ?? named('openid')
}

const sorted = (scope: string): string => scope.split(' ').sort().join(' ')

function textsIn(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value]
  return values.filter((text): text is string => typeof text === 'string' && text !== '')
}
