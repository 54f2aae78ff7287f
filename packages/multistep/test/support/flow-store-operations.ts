import { aFlow, aLogin, aRequirement, newRequirement, otherFlow } from '../../src/stores/contract/kit.js'
import type { FlowStore } from '../../src/stores/flow-store.js'

export const ledger = { partition: 'person', factor: 'local' }
export const policy = { after: 10, for: 900_000, max: 86_400_000 }
export const once = { token: 'token', ttl: 60_000 }
export const ttl = 600_000

const device = { id: 'device', token: 'token', purpose: 'purpose', fingerprint: 'fingerprint', ttl, factors: ['sms-otp'] }
const use = { tokens: [{ id: 'device', token: 'token' }], next: 'next', purpose: 'purpose', fingerprint: 'fingerprint' }

/** Every operation of the port, each in a state in which it has something to do. */
export const operations: Record<string, (store: FlowStore) => Promise<unknown>> = {
  time: (store) => store.time(),
  createFlow: (store) => store.createFlow('partition.flow', aFlow, ttl),
  readFlow: (store) => store.readFlow('partition.flow'),
  readFlows: (store) => store.readFlows('partition'),
  advanceFlow: (store) => store.advanceFlow('partition.flow', 1, otherFlow, { ...ledger, partition: 'partition' }),
  finishFlow: (store) => store.finishFlow('partition.flow', 2, aLogin('partition.login'), undefined, { session: 'renewed', to: '/a', ttl }),
  readLogin: (store) => store.readLogin('partition.login'),
  openRequirement: (store) => store.openRequirement('partition.login', newRequirement('one')),
  readRequirements: (store) => store.readRequirements('partition.login'),
  advanceRequirement: (store) => store.advanceRequirement('partition.login', 'one', 1, aRequirement),
  meetRequirement: (store) => store.meetRequirement('partition.login', 'one', 2, { proofs: aFlow.proofs, retires: 'sid', grant: { key: 'grant', ttl } }),
  retireSession: (store) => store.retireSession('partition.login', 'sid'),
  takeGrant: (store) => store.takeGrant('partition.login', 'grant'),
  dropRequirement: (store) => store.dropRequirement('partition.login', 'one'),
  stepDown: (store) => store.stepDown('partition.login'),
  endLogin: (store) => store.endLogin('partition.login'),
  createLogin: (store) => store.createLogin(aLogin('partition.login')),
  dropFlow: (store) => store.dropFlow('partition.flow'),
  attempt: (store) => store.attempt(ledger, policy),
  'attempt with a token': (store) => store.attempt(ledger, policy, once),
  'settle uncounted': (store) => store.settle(ledger, 'uncounted'),
  'settle passed': (store) => store.settle(ledger, 'passed'),
  rememberDevice: (store) => store.rememberDevice('person', device, 10),
  useDevice: (store) => store.useDevice('person', use),
  listDevices: (store) => store.listDevices('person'),
  forgetDevice: (store) => store.forgetDevice('person', 'device'),
  forgetDevices: (store) => store.forgetDevices('person'),
  leaveTombstone: (store) => store.leaveTombstone('session', '/a', ttl),
  changeTombstone: (store) => store.changeTombstone('session', '/b'),
  readTombstone: (store) => store.readTombstone('session'),
  endAll: (store) => store.endAll('partition', ttl),
}

/** What the work was rejected with. */
export const refusal = async (work: Promise<unknown>): Promise<any> => work.then(() => ({ code: 'it did not reject' }), (error: unknown) => error)
