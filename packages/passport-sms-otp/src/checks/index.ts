export { camaraSwaps, type CamaraSwapsOptions } from './camara-swaps.js'
export { deviceSwapCheck, simSwapCheck, type SwapCheck, type SwapCheckOptions } from './swap-check.js'
export type { SwapKind, SwapProvider, SwapQuestion } from './swap-provider.js'
export { twilioSwaps, type TwilioLookupClient, type TwilioSwapsOptions } from './twilio-swaps.js'
