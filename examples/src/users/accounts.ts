/** An account of this demonstration. Its secrets stand here for everybody to read. */
export interface Account {
  readonly id: string
  readonly password: string
  /** E.164. */
  readonly phone?: string
  /** Base32 (RFC 4648 §6), as authenticator apps take it. */
  readonly totpKey?: string
  /** For the home page. */
  readonly secondFactors: string
}

export const accounts: readonly Account[] = [
  {
    id: 'ada',
    password: 'lovelace-1815',
    phone: '+447400123456',
    secondFactors: 'Her mobile network, silently. On Wi-Fi a code by text',
  },
  { id: 'grace', password: 'hopper-1906', secondFactors: 'None yet: the first login asks for a number' },
  {
    id: 'alan',
    password: 'turing-1912',
    totpKey: 'KRSXG5BAKRSXG5BAMFWGC3RAGE4TCMRA',
    secondFactors: 'An authenticator app (TOTP)',
  },
]
