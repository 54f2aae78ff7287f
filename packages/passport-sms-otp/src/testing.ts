export { challengeStoreContract } from './stores/contract/challenge-store-contract.js'
export type { ContractKit } from './stores/contract/kit.js'
export { inboxSender } from './senders/inbox.js'
