import type { FactorState } from './state.js'

/** A challenge that counts tries tells when another code may be sent. Without that instant, none may. */
export const canSendAnother = (challenge: FactorState['challenge']): boolean =>
  typeof challenge?.attemptsLeft !== 'number' || challenge.resendAt !== undefined
