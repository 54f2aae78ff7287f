export { handsetRoutes, startSimulator } from './on-demand.js'
export type { Simulator } from './simulator.js'
export type { CamaraEndpoint, CamaraFault, SimulatedCamara } from './camara/simulated-camara.js'
export type {
  CamaraOptions,
  ClientAuth,
  ClientOptions,
  Credentials,
  Jwk,
  Level,
  OperatorOptions,
  SimulatorOptions,
  SubscriberOptions,
} from './configuration.js'
export type { Endpoint } from './operator/endpoints.js'
export type { SimulatedOperator } from './operator/simulated-operator.js'
export type { Fault } from './operator/fault.js'
export type { Misbehaviour } from './operator/misbehaviour.js'
export type { DiscoveryEndpoint, SimulatedDiscovery } from './discovery/simulated-discovery.js'
export type { Answer, Handsets } from './handsets/handsets.js'
export type { Prompt } from './handsets/prompt.js'
export type { Middleware } from './handsets/routes.js'
export type { Handset, LineState } from './handsets/handset.js'
export { installWallet, type BrowserPage } from './handsets/install-wallet.js'
export type { Presentation, PresentationRequest } from './handsets/wallet.js'
export type { Network, TextDelivery, TextMessage } from './handsets/lines.js'
export { SimulatorError, type SimulatorErrorCode } from './errors.js'
export type { Duration } from '#internal/duration'
