/** What a handset shows. */
export interface Prompt {
  readonly id: string
  /** As the subscriber was configured. */
  readonly msisdn: string
  /** The operator's id. */
  readonly operator: string
  /** Who asks. */
  readonly clientName: string | null
  readonly bindingMessage: string | null
  readonly context: string | null
  /** Level of assurance: from 3 on the PIN is needed. */
  readonly loa: number
  /** ISO 8601. */
  readonly expiresAt: string
}
