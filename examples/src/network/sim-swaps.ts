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
