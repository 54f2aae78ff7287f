import { MemoryFlowStore } from 'multistep'
import { flowStoresAgree } from '../../multistep/test/support/flow-stores-agree.js'
import { transactionStoresAgree } from '../../passport-mobileconnect/test/support/transaction-stores-agree.js'
import { agreesWithMemory } from '../../passport-sms-otp/test/support/agrees-with-memory.js'
import { onEveryDatabase } from './support/databases.js'

/** Random sequences for each store: the rules have thousands elsewhere, and here the rows under them are looked at. */
const SEQUENCES = 25

onEveryDatabase('the stores, beside those in memory, give the same answers to any sequence of operations', (backend) => {
  const open = async (now: () => number) => (await backend.open({ now, timeout: 20_000 })).database

  it('the challenge store in a database gives the same answers as the store in memory, to any sequence of operations', async () => {
    const seen = await agreesWithMemory(async (now) => (await open(now)).challenges(), SEQUENCES)
    expect(seen.length).toBeGreaterThan(5)
  })
  it('the flow store in a database gives the same answers as the store in memory, to any sequence of operations', () => flowStoresAgree(async (now) => [new MemoryFlowStore({ now }), (await open(now)).flows()], SEQUENCES))
  it('the transaction store in a database gives the same answers as the store in memory, to any sequence of operations', async () => {
    const seen = await transactionStoresAgree(async (now) => [(await open(now)).transactions()], SEQUENCES)
    expect(seen.length).toBeGreaterThan(3)
  })
})
