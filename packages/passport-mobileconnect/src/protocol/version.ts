import { MobileConnectError } from '../errors.js'

// The profile of Mobile Connect that a request follows. What an operator advertises, and which scopes a version knows, decide it.
const identity = ['mc_identity_phonenumber', 'mc_identity_nationalid', 'mc_identity_signup', 'mc_identity_signupplus']
const attributes = ['mc_attr_vm_match', 'mc_attr_vm_match_hash', 'mc_attr_vm_share', 'mc_attr_vm_share_hash', 'mc_atp']
const india = ['mc_india_tc', 'mc_mnv_validate', 'mc_mnv_validate_plus']
const versions: readonly (readonly [version: string, scopes: readonly string[]])[] = [
  ['mc_di_r3.0', ['mc_authn', 'mc_authz', 'mc_phonenumber', 'mc_nationalid', 'mc_signup', 'mc_kyc_plain', 'mc_kyc_hashed', ...attributes, ...india]],
  ['mc_di_r2_v2.3', ['mc_authn', 'mc_authz', ...identity, 'mc_kyc_plain', 'mc_kyc_hashed', ...attributes, ...india]],
  ['mc_v2.0', ['mc_authn', 'mc_authz', ...identity, ...india]],
  ['mc_v1.1', india],
]

/** What the GSMA's library calls it. */
const spelling: Readonly<Record<string, string>> = { 'mc_di_v3.0': 'mc_di_r3.0' }

/**
 * The newest version that the operator advertises (`mc_version`) and that knows all these scopes, or the one that it names for exactly this
 * scope (`mobile_connect_version_supported`). With neither: none for plain OpenID Connect, and `mc_v2.0` for scopes of Mobile Connect,
 * where a version is mandatory.
 * @throws MobileConnectError `operator_misconfigured` when no advertised version knows them.
 */
export function detectVersion(metadata: Readonly<Record<string, unknown>>, scope: string): string | undefined {
  const advertised = textsIn(metadata.mc_version)
  const scopes = scope.split(' ').filter((name) => name.startsWith('mc_'))
  if (advertised.length === 0) return versionByScope(metadata.mobile_connect_version_supported, scope) ?? (scopes.length === 0 ? undefined : 'mc_v2.0')
  const fitting = versions.filter(([, knows]) => scopes.every((name) => knows.includes(name))).map(([version]) => findSpelling(advertised, version))
  const found = fitting.find((version) => version !== undefined) ?? advertised.find((version) => advertised.length === 1 && version === 'mc_v1.2')
  if (found !== undefined) return found
  throw new MobileConnectError('operator_misconfigured', `The operator supports ${advertised.join(', ')}, and none of them knows the scope '${scope}': set another scope, or version.`)
}

const findSpelling = (advertised: readonly string[], version: string) => advertised.find((name) => (spelling[name] ?? name) === version)

/** A list of objects with one key each, a scope; a key may come again, and the first counts. */
function versionByScope(table: unknown, scope: string): string | undefined {
  const pairs = Array.isArray(table) ? table.flatMap((pair: unknown) => Object.entries((pair ?? {})) as [string, unknown][]) : []
  const named = (wanted: string) => textsIn(pairs.find(([name]) => sorted(name) === sorted(wanted))?.[1])[0]
  return named(scope) ?? named('openid')
}

const sorted = (scope: string): string => scope.split(' ').sort().join(' ')

const textsIn = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((text): text is string => typeof text === 'string' && text !== '')
