import type { KeptChallenge } from '../../src/factors/kept-challenge.js'
import { aFlow } from '../../src/stores/contract/kit.js'
import type { Flow } from '../../src/stores/flow-store.js'
import { packFlow, unpackFlow } from '../../src/stores/rules/packed-flow.js'

/** As a store keeps it: in JSON. */
const back = (flow: Flow): Flow | undefined => unpackFlow(JSON.parse(JSON.stringify(packFlow(flow))))

describe('a flow as the stores keep it', () => {
  it.each<[string, KeptChallenge]>([
    ['of a factor that was withdrawn', { withdrawn: true }],
    ['that is empty', {}],
    ['that publishes nothing', { challenge: 'handle' }],
    ['that publishes an empty object', { challenge: 'handle', public: {} }],
    ['that publishes how it stands', { public: { to: '…456', expiresAt: '2026-01-02T03:04:05.678Z', resendAt: '2026-01-02T03:04:00.000Z', attemptsLeft: 3 } }],
    ['whose instants are written in another way', { public: { expiresAt: '2026-01-02T03:04:05Z', resendAt: 'soon' } }],
    ['whose instants are numbers', { public: { expiresAt: 1_767_322_800_000, resendAt: 0 } }],
    ['whose fields are null', { public: { to: null, attemptsLeft: null, expiresAt: null } }],
    ['with fields of its own', { challenge: 'handle', public: { to: '…456', picture: '42' } }],
  ])('a challenge %s comes back as it was', (_, challenge) => {
    expect(back({ ...aFlow, challenges: { text: challenge } })).toEqual({ ...aFlow, challenges: { text: challenge } })
  })

  it.each(['knowledge', 'possession', 'inherence', 'a kind of tomorrow', undefined])('a proof of the kind %j comes back as it was', (kind) => {
    const proof = { factor: 'pin', at: 5, via: 'fresh', amr: ['otp'], ...kind === undefined ? {} : { kind } }
    const flow = { ...aFlow, proofs: [proof] } as Flow
    expect(back(flow)).toEqual(flow)
  })

  it('a flow comes back with its browser, its user and the wish to stay', () => {
    const flow: Flow = { session: 'digest', proofs: [], challenges: {}, browser: 'browser', stays: true, user: { id: 7 } }
    expect(back(flow)).toEqual(flow)
  })
})
