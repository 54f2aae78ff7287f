import { camaraSwaps, type SwapProvider } from 'passport-sms-otp/checks'
import type { SimulatorAddress } from '../mobile-connect/simulator.js'

/** How long a new SIM card proves nothing: a thief may have talked the operator into it. */
export const SIM_IS_NEW = '240h'

/** The operators know since when a number has its SIM card. */
export const simSwaps = ({ network, keys }: SimulatorAddress): SwapProvider =>
  camaraSwaps({
    apiRoot: network.apiRoot,
    tokenUrl: `${network.issuer}/token`,
    clientId: network.clientId,
    clientKey: keys.app,
  })

/** Whether a number has a new SIM card. */
export type SimIsNew = (phone: string, signal?: AbortSignal) => Promise<boolean>

/** While no operator answers, a card may be new. A number that none of them has cannot be asked for anything anyway. */
export const simIsNewAt = (operators: SimulatorAddress): SimIsNew => {
  const swaps = simSwaps(operators)
  return async (phone, signal = AbortSignal.timeout(2000)) => {
    const swapped = await swaps.swapped({ kind: 'sim', phone, maxAge: parseInt(SIM_IS_NEW) }, { signal })
      .catch((error: unknown) => (error as { code?: unknown }).code !== 'IDENTIFIER_NOT_FOUND')
    return swapped !== false
  }
}
