export {
  documentsContract, type DocumentsBench, type DocumentsContractKit,
} from '#internal/documents/documents-contract'
