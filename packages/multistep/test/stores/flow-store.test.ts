import { flowStoreContract } from '../../src/testing.js'
import { MemoryFlowStore } from '../../src/stores/memory/memory-flow-store.js'

describe('MemoryFlowStore', () => {
  flowStoreContract({ describe, it, expect, createStore: ({ now }) => new MemoryFlowStore({ now }) })
})
