export { flowStoreContract } from './stores/contract/flow-store-contract.js'
export type { ContractKit } from './stores/contract/kit.js'
export { loginAs, type LoginAsOptions } from './login-as.js'
