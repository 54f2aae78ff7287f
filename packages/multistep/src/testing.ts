export { flowStoreContract } from './contract/flow-store-contract.js'
export type { ContractKit } from './contract/kit.js'
