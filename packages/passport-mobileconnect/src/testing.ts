export { transactionStoreContract, type ContractKit } from './transactions/contract/transaction-store-contract.js'
