import { DocumentChallengeStore } from '../src/stores/documents/document-challenge-store.js'
import { MemoryChallengeStore } from '../src/stores/memory/memory-challenge-store.js'
import { challengeStoreContract } from '../src/testing.js'
import { WorstDocuments } from '../../../test/support/worst-documents.js'

describe('The contract of a challenge store, kept in memory', () => {
  challengeStoreContract({ describe, it, expect, createStore: ({ now }) => new MemoryChallengeStore({ now }) })
})

describe('The contract of a challenge store, kept in documents that decide twice', () => {
  challengeStoreContract({
    describe, it, expect, createStore: ({ now }) => new DocumentChallengeStore({ documents: new WorstDocuments({ now }) }),
  })
})
