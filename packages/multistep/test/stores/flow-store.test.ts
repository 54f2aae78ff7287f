import { flowStoreContract } from '../../src/testing.js'
import { MemoryFlowStore } from '../../src/stores/memory/memory-flow-store.js'
import { agedFlowStore } from '../support/aged-flow-store.js'

describe('MemoryFlowStore', () => {
  flowStoreContract({ describe, it, expect, createStore: ({ now }) => new MemoryFlowStore({ now }) })
})

describe('MemoryFlowStore, of whose documents all but the latest are text', () => {
  flowStoreContract({ describe, it, expect, createStore: ({ now }) => agedFlowStore(now) })
})
