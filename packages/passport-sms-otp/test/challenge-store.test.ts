import { MemoryChallengeStore } from '../src/stores/memory/memory-challenge-store.js'
import { challengeStoreContract } from '../src/testing.js'

describe('the contract of a challenge store, kept in memory', () => {
  challengeStoreContract({ describe, it, expect, createStore: ({ now }) => new MemoryChallengeStore({ now }) })
})
