import type { FlowStore } from '../flow-store.js'
import type { LedgerKey } from '../ledger-store.js'
import {
  aFlow, aLogin, bench, malformedIds, minute, newRequirement, otherFlow, rejects, type ContractKit,
} from './kit.js'
import { atLast, fail, nameLedger, personLedger, policy } from './ledger-kit.js'

export function clearing(kit: ContractKit): void {
  const { it, expect } = kit
  const [flow, login] = ['person.flow', 'person.login']

  const begun = async () => {
    const made = await bench(kit)
    await made.store.createFlow(flow, aFlow, 10 * minute)
    await made.store.createLogin(aLogin(login))
    await made.store.openRequirement(login, newRequirement('one'))
    return made
  }

  type Move = (store: FlowStore, version: number, passed: LedgerKey, id?: string) => Promise<boolean>
  const moves: readonly [string, Move][] = [
    ['advanceFlow', (store, version, passed, id = flow) => store.advanceFlow(id, version, otherFlow, passed)],
    ['finishFlow', (store, version, passed, id = flow) => store.finishFlow(id, version, aLogin('person.next'), passed)],
    [
      'finishFlow into another partition',
      (store, version, passed, id = flow) => store.finishFlow(id, version, aLogin('other.next'), passed),
    ],
    [
      'meetRequirement',
      (store, version, passed, id = login) => store.meetRequirement(
        id, 'one', version, { proofs: [], retires: 'sid', passed },
      ),
    ],
  ]

  for (const [title, move] of moves) {
    it(`${title} clears the failures, and the lock of the attempt that passed (O-19)`, async () => {
      const { store } = await begun()
      await fail(store, 10, personLedger)
      await fail(store, 9, { ...personLedger, factor: 'totp' })
      await fail(store, 9, { ...personLedger, partition: 'person-2' })
      expect(await move(store, 1, personLedger)).toBe(true)
      expect(await fail(store, 10, personLedger)).toEqual(atLast(10))
      expect(await fail(store, 1, { ...personLedger, factor: 'totp' })).toEqual([true])
      expect(await fail(store, 1, { ...personLedger, partition: 'person-2' })).toEqual([true])
    })

    it(`${title} clears them for one that comes second, too: its attempt has passed as well`, async () => {
      const { store } = await begun()
      for (const id of [undefined, 'person.none', ...malformedIds]) {
        await fail(store, 9, personLedger)
        expect(await move(store, 7, personLedger, id)).toBe(false)
        expect(await fail(store, 10, personLedger)).toEqual(atLast(10))
        await store.settle(personLedger, 'passed')
      }
    })

    it(`${title} rejects a ledger of a name or of another partition, and moves nothing`, async () => {
      const { store } = await begun()
      await fail(store, 10, nameLedger)
      await fail(store, 10, { ...personLedger, partition: 'person-2' })
      const others = ['person-2', 'a b'].map((partition) => ({ ...personLedger, partition }))
      for (const foreign of [nameLedger, ...others]) {
        expect(await rejects(move(store, 1, foreign))).toBe(true)
      }
      expect(await move(store, 1, personLedger)).toBe(true)
      expect((await store.attempt(nameLedger, policy)).status).toBe('locked')
      expect((await store.attempt({ ...personLedger, partition: 'person-2' }, policy)).status).toBe('locked')
    })
  }
}
