export { vonageSilent, type VonageSilentOptions } from './providers/vonage-silent.js'
