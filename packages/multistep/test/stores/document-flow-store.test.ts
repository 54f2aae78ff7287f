import type { Decide, Expiring, Found } from '#internal/documents/documents'
import { WorstDocuments } from '../../../../test/support/worst-documents.js'
import { DocumentFlowStore } from '../../src/documents.js'
import { flowStoreContract } from '../../src/testing.js'
import { operations } from '../support/flow-store-operations.js'

/** Documents that tell which of them were asked for. */
class Watched extends WorstDocuments {
  readonly asked: string[][] = []

  override change<Kept extends Expiring, Answer>(keys: readonly string[], decide: Decide<Kept, Answer>): Promise<Answer> {
    this.asked.push([...keys])
    return super.change(keys, decide)
  }

  override read<Kept extends Expiring>(keys: readonly string[]): Promise<Found<Kept>> {
    this.asked.push([...keys])
    return super.read(keys)
  }
}

const watched = () => new Watched({ now: () => 1_700_000_000_000 })

describe('DocumentFlowStore', () => {
  flowStoreContract({ describe, it, expect, createStore: ({ now }) => new DocumentFlowStore({ documents: new WorstDocuments({ now }) }) })

  it('DocumentFlowStore asks for the documents that it keeps its records in', () => {
    expect(() => new DocumentFlowStore({} as never)).toThrow(/needs documents/)
    expect(() => new DocumentFlowStore({ documents: {} as never })).toThrow(/documents is an object with the methods change, read, sweep/)
    expect(() => new DocumentFlowStore({ documents: watched(), strangers: 0 })).toThrow(/strangers is a whole number/)
  })

  it('DocumentFlowStore makes one change or one read of every operation, of at most three documents', async () => {
    const documents = watched()
    const store = new DocumentFlowStore({ documents })
    const counted: Record<string, string[]> = {}
    for (const [name, operation] of Object.entries(operations)) {
      documents.asked.length = 0
      await operation(store)
      expect([name, documents.asked.length]).toEqual([name, 1])
      counted[name] = documents.asked.flat().map((key) => key.slice(0, key.indexOf(':')))
    }
    expect(counted).toMatchObject({
      createFlow: ['person'], readFlow: ['person'], advanceFlow: ['person'], finishFlow: ['person', 'login', 'tombstone'],
      createLogin: ['person', 'login'], readLogin: ['person', 'login'], endLogin: ['login'], meetRequirement: ['person', 'login'],
      attempt: ['person'], 'attempt with a token': ['person'], 'settle passed': ['person'],
      useDevice: ['devices'], endAll: ['person', 'devices'], leaveTombstone: ['tombstone'],
    })
  })

  it('DocumentFlowStore shares one salt among all processes, and asks for it once (L-04)', async () => {
    const documents = watched()
    const [one, other] = [new DocumentFlowStore({ documents }), new DocumentFlowStore({ documents })]
    const name = { partition: 'person', factor: 'local', of: 'name' } as const
    const policy = { after: 2, for: 1000, max: 1000 }
    await Promise.all([one, one, other].map((store) => store.attempt(name, { ...policy, after: 4 })))
    expect(await other.attempt(name, { ...policy, after: 4 })).toMatchObject({ status: 'allowed', locks: true })
    expect(documents.asked.filter(([key]) => key === 'salt:names').length).toBe(2)
    expect(new Set(documents.asked.filter(([key]) => key !== 'salt:names').map((keys) => keys.join(' '))).size).toBe(1)
  })

  it('DocumentFlowStore reads no flow that an earlier version has kept in another form', async () => {
    const documents = watched()
    const store = new DocumentFlowStore({ documents })
    const flows = [['old', 1, 1_800_000_000_000, 0, ['digest', [], [], null, 0]]]
    await documents.change(['person:partition'], () => ({ records: [{ expiresAt: 1_800_000_000_000, flows } as Expiring], answer: undefined }))
    expect((await store.readFlow('partition.old')).flow).toBe(undefined)
    expect((await store.readFlows('partition')).flows).toEqual([])
  })
})
