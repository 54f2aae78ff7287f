import type { FactorOptions } from './factor.js'
import type { Request } from '../http/request.js'

/** What is known of a factor by its usual name, and what no app can say of one. */
export interface FactorPreset extends FactorOptions {
  /** The fields that begin its challenge, when nobody is known yet or the person enrols. */
  beginFields?: readonly string[]
  /** Its first field holds a code that is accepted once. */
  spendsFirstField?: boolean
  /** Its first field names the account that failures are counted by. */
  namedByFirstField?: boolean
  /** It cannot say who a person is. It only proves that a known person is there. */
  needsPerson?: boolean
  /** Its proofs never count as fresh. */
  via?: 'recovery'
  /** The app must say who has it. */
  mustDeclareEnrolment?: boolean
  /** Its device shows the values of `require({ bind })`, and does not prove that it showed them. */
  showsUnproven?: boolean
}

const hasPhone = (user: Express.User): boolean => Boolean((user as { phone?: unknown }).phone)

const known: Readonly<Record<string, FactorPreset>> = {
  local: {
    kind: 'knowledge', amr: 'pwd', label: 'Password', fields: ['username', 'password'], namedByFirstField: true,
  },
  'sms-otp': {
    kind: 'possession', channel: 'phone', amr: 'sms', label: 'Code by text', fields: ['code'], beginFields: ['phone'],
    challenge: { action: 'send' }, enrolled: hasPhone, sees: 'pending', lockout: 'own',
  },
  mobileconnect: {
    kind: 'possession', channel: 'phone', amr: 'mca', label: 'Mobile Connect', redirects: true, enrolled: hasPhone,
    sees: 'pending', showsUnproven: true,
  },
  'number-verification': {
    kind: 'possession', channel: 'phone', amr: 'pop', label: 'Check by your mobile operator', redirects: true,
    silent: true, state: 'own', enrolled: hasPhone, sees: 'pending',
  },
  totp: {
    kind: 'possession', channel: 'totp', amr: 'otp', label: 'Authenticator app', fields: ['code'], sees: 'pending',
    spendsFirstField: true, needsPerson: true, mustDeclareEnrolment: true,
  },
  'recovery-code': {
    kind: 'possession', channel: 'recovery', amr: 'otp', label: 'Recovery code', fields: ['code'], sees: 'pending',
    needsPerson: true, via: 'recovery', mustDeclareEnrolment: true,
  },
  webauthn: {
    kind: 'possession', channel: 'webauthn', amr: 'hwk', label: 'Passkey', sees: 'pending',
    mustDeclareEnrolment: true,
  },
}

/** What is known of this name of a factor or strategy. Empty for any other name. */
export const knownFactor = (name: string): FactorPreset => (Object.hasOwn(known, name) ? known[name] ?? {} : {})

/** How people call what the usual strategies stand for, where the app gives no label. */
const brands: Readonly<Record<string, string>> = {
  google: 'Google', 'google-oauth20': 'Google', github: 'GitHub', github2: 'GitHub', gitlab: 'GitLab',
  bitbucket: 'Bitbucket', apple: 'Apple', facebook: 'Facebook',
  microsoft: 'Microsoft', azuread: 'Microsoft', 'azuread-openidconnect': 'Microsoft',
  azure_ad_oauth2: 'Microsoft', entra: 'Microsoft', linkedin: 'LinkedIn', twitter: 'X (Twitter)', x: 'X',
  okta: 'Okta', auth0: 'Auth0', keycloak: 'Keycloak', discord: 'Discord', slack: 'Slack', amazon: 'Amazon',
  paypal: 'PayPal', spotify: 'Spotify', twitch: 'Twitch', steam: 'Steam', yahoo: 'Yahoo',
  saml: 'Single sign-on', cas: 'Single sign-on', oidc: 'Single sign-on', openidconnect: 'Single sign-on',
  'openid-connect': 'Single sign-on', oauth2: 'Single sign-on', sso: 'Single sign-on',
  ldap: 'Company account', ldapauth: 'Company account', activedirectory: 'Company account',
  magiclogin: 'Link by email', 'magic-link': 'Link by email', magiclink: 'Link by email',
}

/** The brand of the factor's own name, else the brand of its strategy's name. */
export const brandLabel = (...names: readonly string[]): string | undefined =>
  names.filter((name) => Object.hasOwn(brands, name)).map((name) => brands[name])[0]

/** Reads one field of a posted form, if it holds text. */
export const readField = (name: string) => (req: Request): string | undefined => {
  const value: unknown = (req.body as Record<string, unknown> | undefined)?.[name]
  return typeof value === 'string' ? value : undefined
}
