export { challengeStoreContract } from './contract/challenge-store-contract.js'
export type { ContractKit } from './contract/kit.js'
export { inboxSender } from './senders/inbox.js'
