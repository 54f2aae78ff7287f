import { aFlow } from '../../src/stores/contract/kit.js'
import { packFlow } from '../../src/stores/rules/packed-flow.js'
import { RedisFlowStore } from '../../src/stores/redis/redis-flow-store.js'
import { ledger, operations, policy, refusal } from '../support/flow-store-operations.js'

describe('RedisFlowStore, when Redis gives something else than its scripts do', () => {
  const answering = (reply: unknown) => new RedisFlowStore({ client: { eval: async () => reply } })
  const flow = JSON.stringify(packFlow(aFlow))

  const lists = ['rememberDevice', 'listDevices', 'forgetDevices', 'endAll', 'readTombstone'].map((name) => operations[name])
  const nothings = [undefined, null, '', 'OK', 'none', -1, 2, 1.5, Number.NaN, 2n, true, {}, [], [1, 2], new Uint8Array([49])]
  it.each(Object.entries(operations))('%s rejects a reply that is no answer of its script (O-10)', async (_, operation) => {
    for (const reply of nothings) {
      if (reply === 2 && operation === operations.time) continue
      if (Array.isArray(reply) && reply.length === 0 && lists.includes(operation)) continue
      expect([reply, await refusal(operation(answering(reply)))]).toMatchObject([reply, { code: 'store_unavailable' }])
    }
  })

  it.each([
    ['no JSON', [1, 2, 1, '["session"']], ['no list', [1, 2, 1, '{"session":"digest","proofs":[],"challenges":{}}']], ['no session', [1, 2, 1, '[null,[],[],null,0]']],
    ['no proofs', [1, 2, 1, '["digest",{},[],null,0]']], ['a proof that is none', [1, 2, 1, '["digest",[1],[],null,0]']], ['no challenges', [1, 2, 1, '["digest",[]]']],
    ['a challenge that is none', [1, 2, 1, '["digest",[],[null],null,0]']], ['no text', [1, 2, 1, null]],
    ['no version', [1, 2, null, flow]], ['a negative version', [1, 2, '-1', flow]], ['no expiry', [1, undefined, 1, flow]], ['no instant', [null, 2, 1, flow]],
    ['a half', ['1.5', 2, 1, flow]], ['a hexadecimal', ['0x10', 2, 1, flow]], ['too large a number', ['99999999999999999999', 2, 1, flow]], ['too much', [1, 2, 1, flow, 5]],
  ])('RedisFlowStore rejects a flow of which it has %s', async (_, reply) => {
    expect((await refusal(answering(reply).readFlow('partition.flow'))).code).toBe('store_unavailable')
  })

  it.each([['no user', '{"proofs":[]}'], ['no proofs', '{"userId":"7"}'], ['a user that is a number', '{"userId":7,"proofs":[]}']])('RedisFlowStore rejects a login of which it has %s', async (_, json) => {
    expect((await refusal(answering([1, 1, json]).readLogin('partition.login'))).code).toBe('store_unavailable')
  })

  it.each([
    ['a proof of no list', [1, 1, '{"userId":"7","proofs":{}}', '']], ['no record but a list', [1, 1, '["7"]', '']],
    ['no record but null', [1, 1, 'null', '']], ['no names of retired sessions', [1, 1, '{"userId":"7","proofs":[]}']],
    ['a raised proof that is none', [1, 1, '{"userId":"7","proofs":[]}', 'session', '5']],
  ])('RedisFlowStore rejects a login that has %s', async (_, reply) => {
    expect((await refusal(answering(reply).readLogin('partition.login'))).code).toBe('store_unavailable')
  })

  it.each([
    ['nothing that is asked', ['one', 1, 2, '{"proofs":[],"challenges":{}}']],
    ['no proofs', ['one', 1, 2, '{"asked":[],"challenges":{}}']],
    ['challenges in a list', ['one', 1, 2, '{"asked":[],"proofs":[],"challenges":[]}']],
    ['a number for its id', [5, 1, 2, '{"asked":[],"proofs":[],"challenges":{}}']],
    ['a part missing', ['one', 1, 2]],
  ])('RedisFlowStore rejects a requirement that has %s', async (_, values) => {
    expect((await refusal(answering([1, ...values]).readRequirements('partition.login'))).code).toBe('store_unavailable')
  })

  it('RedisFlowStore rejects a tombstone that names no place in text', async () => {
    for (const reply of [[5], [null], [{}], ['/a', '/b']]) {
      expect([reply, (await refusal(answering(reply).readTombstone('session'))).code]).toEqual([reply, 'store_unavailable'])
    }
    expect(await answering(['/a']).readTombstone('session')).toBe('/a')
  })

  it('RedisFlowStore takes nothing for done when its script says that it did nothing', async () => {
    for (const name of ['createLogin', 'endLogin', 'dropFlow', 'endAll']) {
      expect([name, (await refusal(operations[name]!(answering(0)))).code]).toEqual([name, 'store_unavailable'])
    }
  })

  it.each([[['open', 1, 0]], [['allowed', 1]], [['allowed', 1, 2]], [['allowed', 1, null]], [['allowed', null, 0]], [['locked', 1, null]], ['allowed']])(
    'RedisFlowStore allows no attempt on the reply %j', async (reply) => {
      expect((await refusal(answering(reply).attempt(ledger, policy))).code).toBe('store_unavailable')
    })

  it.each([
    [['ok']], [['ok', 'id', 1, 2, 3]], [['ok', 'id', 1, 2, 3, '{}']], [['ok', 'id', 1, 2, 3, '{"factors":"sms-otp"}']], [['ok', 'id', 1, 2, null, '{"factors":[]}']], [['ok', 5, 1, 2, 3, '{"factors":[]}']],
    [['reused']], [['outdated', 7]], [['unknown', 'id']], [['expired', 'id']],
  ])('RedisFlowStore takes no device for used on the reply %j', async (reply) => {
    expect((await refusal(operations.useDevice!(answering(reply)))).code).toBe('store_unavailable')
  })

  it('RedisFlowStore repeats nothing of what was kept or asked in its error', async () => {
    const ioredis = Object.assign(new Error('ERR unknown command \'EVAL\', with args beginning with: \'secret\''), { code: 'ERR', command: { args: ['secret'] } })
    const failing = new RedisFlowStore({ client: { eval: async () => { throw ioredis } } })
    for (const error of [await refusal(failing.readFlow('partition.secret')), await refusal(answering([1, 2, 1, 'secret']).readFlow('partition.secret'))]) {
      expect([error.code, error.expose]).toEqual(['store_unavailable', false])
      expect(JSON.stringify([error.message, error.cause, String(error.cause), error.cause?.command])).not.toContain('secret')
    }
    expect((await refusal(failing.readFlow('partition.secret'))).cause).toMatchObject({ message: 'ERR unknown command \'EVAL\'', code: 'ERR' })
  })

  it('RedisFlowStore rejects when the client throws instead of rejecting, or rejects with no Error (X-04)', async () => {
    const throwing = new RedisFlowStore({ client: { eval: () => { throw new TypeError('not connected') } } })
    expect(await refusal(throwing.time())).toMatchObject({ code: 'store_unavailable', cause: { message: 'not connected' } })
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what is under test
    const rejecting = new RedisFlowStore({ client: { eval: () => Promise.reject('secret') } })
    expect(await refusal(rejecting.time())).toMatchObject({ code: 'store_unavailable', cause: expect.any(Error) })
  })
})
