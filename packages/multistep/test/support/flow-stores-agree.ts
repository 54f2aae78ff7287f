import fc from 'fast-check'
import { aFlow, aLogin, aRequirement, minute, newRequirement, otherFlow } from '../../src/stores/contract/kit.js'
import type { Flow, FlowStore, LedgerKey } from '../../src/stores/flow-store.js'

const start = 1_700_000_000_000

type Operation = (store: FlowStore) => Promise<unknown>
type Step = { readonly pass: number } | { readonly call: string, readonly run: Operation }

const id = fc.constantFrom('a.1', 'a.2', 'b.1', 'nobody-3.1', 'nobody-3.2', 'malformed', '__proto__.constructor')
const partition = fc.constantFrom('a', 'b', 'no partition')
const factor = fc.constantFrom('local', 'zwölf:{otp}')
const version = fc.integer({ min: 0, max: 4 })
const ttl = fc.integer({ min: 1, max: 5 }).map((minutes) => minutes * minute)
const instant = fc.integer({ min: 0, max: 20 }).map((minutes) => new Date(start + minutes * minute).toISOString())
const shown = fc.record({
  to: fc.constantFrom('+44 •••• •••001', null, ''), expiresAt: fc.oneof(instant, fc.constantFrom('soon', null)), resendAt: fc.oneof(instant, fc.constant('2026-11-30')),
  attemptsLeft: fc.constantFrom(0, 5, null, 'few'), more: fc.jsonValue(),
}, { requiredKeys: [] })
const begun = fc.dictionary(fc.constantFrom('sms-otp', 'totp', '__proto__'), fc.record({ challenge: fc.constantFrom('', 'sealed'), public: shown }, { requiredKeys: [] }))
const proof = fc.record({
  factor: fc.constantFrom('local', 'sms-otp'), amr: fc.constantFrom([], ['pwd'], ['sms', 'mfa']), at: fc.integer({ min: 1, max: 9 }),
  via: fc.constantFrom('fresh' as const, 'remembered' as const, 'recovery' as const), kind: fc.constantFrom('knowledge' as const, 'possession' as const, 'inherence' as const), channel: fc.constant('phone'),
}, { requiredKeys: ['factor', 'amr', 'at', 'via'] })
const flow: fc.Arbitrary<Flow> = fc.oneof(fc.constantFrom(aFlow, otherFlow), fc.record({
  session: fc.constantFrom('digest', ''), browser: fc.constantFrom('browser', ''), user: fc.jsonValue(), stays: fc.constant(true as const), proofs: fc.array(proof, { maxLength: 2 }), challenges: begun,
}, { requiredKeys: ['session', 'proofs', 'challenges'] }))
const passed = fc.option(fc.record({ partition: fc.constantFrom('a', 'b'), factor }), { nil: undefined })
const ledger: fc.Arbitrary<LedgerKey> = fc.oneof(fc.record({ partition, factor }), fc.record({ partition, factor, of: fc.constant('name' as const) }))
const policy = fc.record({ after: fc.integer({ min: 1, max: 3 }), for: ttl, max: ttl.map((time) => 2 * time) })
const once = fc.option(fc.record({ token: fc.constantFrom('one', 'two', 'no token'), ttl }), { nil: undefined })

const seen = fc.constantFrom({}, { browser: 'b1', sealed: 's1' }, { browser: 'b1', sealed: 's2' }, { browser: 'b2', sealed: 's3' })
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
  call('readFlows', [partition], (store, ...args) => store.readFlows(...args)),
  call('time', [], (store) => store.time()),
  call('advanceFlow', [id, version, flow, passed], (store, ...args) => store.advanceFlow(...args)),
  call('finishFlow', [id, version, id, ttl, passed, fc.option(word, { nil: undefined })], (store, from, at, to, time, cleared, session) =>
    store.finishFlow(from, at, aLogin(to, time), cleared, session === undefined ? undefined : { session, to: '/a', ttl: time })),
  call('leaveTombstone', [word, fc.constantFrom('/b', ''), ttl], (store, ...args) => store.leaveTombstone(...args)),
  call('changeTombstone', [word, fc.constantFrom('/c', undefined)], (store, ...args) => store.changeTombstone(...args)),
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
  call('attempt', [ledger, policy, once], (store, ...args) => store.attempt(...args)),
  call('rememberDevice', [partition, word, word, word, ttl, fc.constantFrom([], ['d1']), fc.integer({ min: 1, max: 3 })], (store, of, device, token, fingerprint, time, replaces, max) =>
    store.rememberDevice(of, { id: device, token, purpose: 'p', fingerprint, ttl: time, factors: ['sms-otp'], replaces }, max)),
  call('useDevice', [partition, fc.array(fc.record({ id: word, token: word }), { maxLength: 3 }), word, fc.constantFrom('p', 'p', 'q'), word, seen], (store, of, tokens, next, purpose, fingerprint, by) =>
    store.useDevice(of, { tokens, next, purpose, fingerprint, ...by })),
  call('listDevices', [partition], (store, ...args) => store.listDevices(...args)),
  call('forgetDevice', [partition, word], (store, ...args) => store.forgetDevice(...args)),
  call('forgetDevices', [partition], (store, ...args) => store.forgetDevices(...args)),
  call('endAll', [partition, ttl], (store, ...args) => store.endAll(...args)),
  call('settle', [ledger, fc.constantFrom('passed', 'cleared', 'uncounted')], (store, ...args) => store.settle(...args)),
)

const answer = (operation: Operation, store: FlowStore) =>
  operation(store).then((value) => ({ value }), (error: unknown) => ({ refused: (error as { code?: string }).code }))

/** Plays random sequences in all stores that `create` makes, and compares every answer. */
export async function flowStoresAgree(create: (now: () => number) => readonly FlowStore[] | Promise<readonly FlowStore[]>, numRuns: number): Promise<void> {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
    const clock = { now: start }
    const [first, ...others] = await create(() => clock.now)
    for (const each of steps) {
      if ('pass' in each) clock.now += each.pass
      else {
        const expected = await answer(each.run, first!)
        for (const store of others) {
          const { name } = store.constructor
          expect([name, each.call, await answer(each.run, store)]).toEqual([name, each.call, expected])
        }
      }
    }
  }), { numRuns })
}
