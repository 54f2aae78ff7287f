import { documentsContract } from 'passport-sql-stores/testing'
import { onEveryDatabase } from './support/databases.js'

onEveryDatabase('the contract of documents', (backend, name) => {
  documentsContract({
    describe, it, expect,
    hasConnections: name !== 'SQLite',
    createDocuments: async ({ now }) => {
      const { database, other, cutConnections } = await backend.open({ now, timeout: 20_000 })
      return { documents: database.documents, others: other.documents, cutConnections }
    },
  })
})
