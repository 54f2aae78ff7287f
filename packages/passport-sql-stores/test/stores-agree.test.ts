import { MemoryFlowStore } from 'multistep'
import { flowStoresAgree } from '../../multistep/test/support/flow-stores-agree.js'
import { transactionStoresAgree } from '../../passport-mobileconnect/test/support/transaction-stores-agree.js'
import { agreesWithMemory } from '../../passport-sms-otp/test/support/agrees-with-memory.js'
import { onEveryDatabase } from './support/databases.js'

/** Random sequences for each store: the rules have thousands elsewhere, and here the rows under them are looked at. */
const SEQUENCES = 25

onEveryDatabase('the stores, beside those in memory, give the same answers to any sequence of operations', (backend) => {
  const open = async (now: () => number) => (await backend.open({ now, timeout: 20_000 })).database

  it('of challenges', async () => {
    const seen = await agreesWithMemory(async (now) => (await open(now)).challenges(), SEQUENCES)
    expect(seen.length).toBeGreaterThan(5)
  })
  it('of flows', () => flowStoresAgree(async (now) => [new MemoryFlowStore({ now }), (await open(now)).flows()], SEQUENCES))
  it('of transactions', async () => {
    const seen = await transactionStoresAgree(async (now) => [(await open(now)).transactions()], SEQUENCES)
    expect(seen.length).toBeGreaterThan(3)
  })
})
