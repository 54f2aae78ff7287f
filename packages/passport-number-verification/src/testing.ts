export { transactionStoreContract, type ContractKit } from '#internal/transactions/transaction-store-contract'
