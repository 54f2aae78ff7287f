import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { createClient } from 'redis'
import { describeWithRedis, sharedRedisUrl } from '../../../test/support/redis.js'
import { aFlow, aLogin, aRequirement, minute, newRequirement, otherFlow } from '../src/stores/contract/kit.js'
import type { FlowStore } from '../src/stores/flow-store.js'
import { MemoryFlowStore } from '../src/stores/memory/memory-flow-store.js'
import { RedisFlowStore } from '../src/stores/redis/redis-flow-store.js'

type Operation = (store: FlowStore) => Promise<unknown>
type Step = { readonly pass: number } | { readonly call: string, readonly run: Operation }

const id = fc.constantFrom('a.1', 'a.2', 'b.1', 'malformed', '__proto__.constructor')
const partition = fc.constantFrom('a', 'b', 'no partition')
const factor = fc.constantFrom('local', 'zwölf:{otp}')
const version = fc.integer({ min: 0, max: 4 })
const ttl = fc.integer({ min: 1, max: 5 }).map((minutes) => minutes * minute)
const flow = fc.oneof(fc.constantFrom(aFlow, otherFlow), fc.jsonValue().map((user) => ({ ...otherFlow, user })))
const passed = fc.option(fc.record({ partition: fc.constantFrom('a', 'b'), factor }), { nil: undefined })
const policy = fc.record({ after: fc.integer({ min: 1, max: 3 }), for: ttl, max: ttl.map((time) => 2 * time) })
const once = fc.option(fc.record({ token: fc.constantFrom('one', 'two', 'no token'), ttl }), { nil: undefined })

const word = fc.constantFrom('d1', 'd1', 'd2', 'd3', 'no word')

const name = fc.constantFrom('one', 'two', 'three', 'four', 'five', 'six', 'a name')
const key = fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5', 'k6')
const proofs = fc.array(fc.record({ factor, at: fc.integer({ min: 1, max: 9 }), amr: fc.constant(['otp']), via: fc.constant('fresh' as const) }), { maxLength: 2 })
const grant = fc.option(fc.record({ key, ttl }), { nil: undefined })

type Arbitraries<Args extends unknown[]> = { [Key in keyof Args]: fc.Arbitrary<Args[Key]> }

const call = <Args extends unknown[]>(name: string, args: Arbitraries<Args>, run: (store: FlowStore, ...args: Args) => Promise<unknown>) =>
  fc.tuple<Args>(...args).map((given): Step => ({ call: `${name} ${JSON.stringify(given)}`, run: (store) => run(store, ...given) }))

// Whole minutes: nothing ends by the machine's clock while a sequence runs.
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.integer({ min: 1, max: 6 }).map((minutes): Step => ({ pass: minutes * minute })),
  call('createFlow', [id, flow, ttl], (store, ...args) => store.createFlow(...args)),
  call('readFlow', [id], (store, ...args) => store.readFlow(...args)),
  call('advanceFlow', [id, version, flow, passed], (store, ...args) => store.advanceFlow(...args)),
  call('finishFlow', [id, version, id, ttl, passed, fc.option(word, { nil: undefined })], (store, from, at, to, time, cleared, session) =>
    store.finishFlow(from, at, aLogin(to, time), cleared, session === undefined ? undefined : { session, to: '/a', ttl: time })),
  call('readTombstone', [word], (store, ...args) => store.readTombstone(...args)),
  call('dropFlow', [id], (store, ...args) => store.dropFlow(...args)),
  call('createLogin', [id, ttl], (store, ...args) => store.createLogin(aLogin(...args))),
  call('readLogin', [id], (store, ...args) => store.readLogin(...args)),
  call('openRequirement', [id, name, key, ttl], (store, login, one, equal, time) => store.openRequirement(login, { ...newRequirement(one), key: equal, ttl: time })),
  call('readRequirements', [id], (store, ...args) => store.readRequirements(...args)),
  call('advanceRequirement', [id, name, version], (store, ...args) => store.advanceRequirement(...args, aRequirement)),
  call('dropRequirement', [id, name], (store, ...args) => store.dropRequirement(...args)),
  call('meetRequirement', [id, name, version, proofs, key, grant], (store, login, one, at, held, retires, opened) => store.meetRequirement(login, one, at, { proofs: held, retires, ...opened ? { grant: opened } : {} })),
  call('retireSession', [id, key], (store, ...args) => store.retireSession(...args)),
  call('takeGrant', [id, key], (store, ...args) => store.takeGrant(...args)),
  call('stepDown', [id], (store, ...args) => store.stepDown(...args)),
  call('endLogin', [id], (store, ...args) => store.endLogin(...args)),
  call('attempt', [partition, factor, policy, once], (store, of, at, ...args) => store.attempt({ partition: of, factor: at }, ...args)),
  call('rememberDevice', [partition, word, word, word, ttl, fc.constantFrom([], ['d1']), fc.integer({ min: 1, max: 3 })], (store, of, device, token, fingerprint, time, replaces, max) =>
    store.rememberDevice(of, { id: device, token, purpose: 'p', fingerprint, ttl: time, factors: ['sms-otp'], replaces }, max)),
  call('useDevice', [partition, fc.array(fc.record({ id: word, token: word }), { maxLength: 3 }), word, fc.constantFrom('p', 'p', 'q'), word], (store, of, tokens, next, purpose, fingerprint) =>
    store.useDevice(of, { tokens, next, purpose, fingerprint })),
  call('listDevices', [partition], (store, ...args) => store.listDevices(...args)),
  call('forgetDevice', [partition, word], (store, ...args) => store.forgetDevice(...args)),
  call('forgetDevices', [partition], (store, ...args) => store.forgetDevices(...args)),
  call('endAll', [partition, ttl], (store, ...args) => store.endAll(...args)),
  call('settle', [partition, factor, fc.constantFrom('passed', 'uncounted')], (store, of, at, outcome) => store.settle({ partition: of, factor: at }, outcome)),
)

const answer = (operation: Operation, store: FlowStore) =>
  operation(store).then((value) => ({ value }), (error: unknown) => ({ refused: (error as { code?: string }).code }))

describeWithRedis('MemoryFlowStore and RedisFlowStore', () => {
  it('give the same answers to any sequence of operations under one clock', async () => {
    const client = await createClient({ url: sharedRedisUrl()! }).connect()
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      let instant = 1_700_000_000_000
      const now = () => instant
      const [memory, redis] = [new MemoryFlowStore({ now }), new RedisFlowStore({ client, prefix: `test:${randomUUID()}:`, now })]
      for (const each of steps) {
        if ('pass' in each) instant += each.pass
        else expect([each.call, await answer(each.run, redis)]).toEqual([each.call, await answer(each.run, memory)])
      }
    }), { numRuns: 150 })
    await client.close()
  })
})
