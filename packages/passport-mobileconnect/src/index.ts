export { MobileConnectError, type MobileConnectCode } from './errors.js'
export type { ClientAuth, OperatorEndpoints, OperatorMetadata, OperatorOptions, PrivateKey, SigningKey } from './operators/operator-options.js'
export type { Discovery, DiscoveryAnswer, DiscoveryCall, DiscoveryQuestion, DiscoveryReturn } from './operators/discovery.js'
