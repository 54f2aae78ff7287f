import { createClient } from 'redis'
import { script, scriptRunner } from '#internal/redis-script'
import { describeWithRedis, sharedRedisUrl } from '../../../test/support/redis.js'

const unavailable = (cause: Error) => Object.assign(new Error('unavailable', { cause }), { code: 'store_unavailable' })
const phone = '+447400123456'

describe('A client of Redis', () => {
  it.each<[string, Error, string]>([
    ['Redis repeats the command', new Error(`ERR unknown command 'EVALSHA', with args beginning with: '${phone}' `), 'ERR unknown command \'EVALSHA\''],
    ['the client puts it into the message', new Error(`EVAL of otp:${phone} failed for ${phone}`), 'EVAL of … failed for …'],
    ['the client hangs it on the error', Object.assign(new Error('ERR'), { command: { args: [phone] } }), 'ERR'],
    ['the client rejects with a text', `failed for ${phone}` as unknown as Error, 'The client rejected with something that is no Error.'],
  ])('the error of a Redis client shows no key and no argument when %s', async (_, error, message) => {
    const run = scriptRunner('Store', { eval: () => Promise.reject(error) }, unavailable)
    const failure = await run(script('return 1'), [`otp:${phone}`], [phone, '1']).catch((reason: unknown) => reason as Error)
    expect(failure).toMatchObject({ code: 'store_unavailable', cause: { message } })
    const { cause } = failure as Error
    expect(JSON.stringify(cause, Object.getOwnPropertyNames(cause))).not.toContain(phone)
  })

  it('the error of a Redis client keeps its name and its code', async () => {
    const refused = Object.assign(new RangeError('connect ECONNREFUSED 127.0.0.1:6379'), { code: 'ECONNREFUSED' })
    const run = scriptRunner('Store', { eval: () => Promise.reject(refused) }, unavailable)
    await expect(run(script('return 1'), [], [])).rejects.toMatchObject({ cause: { name: 'RangeError', code: 'ECONNREFUSED', message: refused.message } })
  })

  it('a Redis client gives texts as strings, however deep', async () => {
    const run = scriptRunner('Store', { eval: async () => ['a', Buffer.from('b'), [Buffer.from('c'), 1]] }, unavailable)
    expect(await run(script('return 1'), [], [])).toEqual(['a', 'b', ['c', 1]])
  })

  it('a Redis client runs a script again only when it has not run at all', async () => {
    const evalSha = jest.fn(() => Promise.reject(new Error('NOSCRIPT No matching script.')))
    const client = { evalSha, eval: jest.fn(async () => 'ran') }
    expect(await scriptRunner('Store', client, unavailable)(script('return 1'), ['k'], ['a'])).toBe('ran')
    expect(client.eval).toHaveBeenCalledWith('return 1', { keys: ['k'], arguments: ['a'] })
    evalSha.mockImplementation(() => Promise.reject(new Error('Socket closed unexpectedly')))
    await expect(scriptRunner('Store', client, unavailable)(script('return 1'), ['k'], ['a'])).rejects.toThrow('unavailable')
    expect(client.eval).toHaveBeenCalledTimes(1)
  })
})

describe('The client\'s own timeout, which takes commands out of its queue', () => {
  it.each([
    ['is off for a client that is connected', 'untimed', { isReady: true, isPubSubActive: false }],
    ['is on for a client that has lost its connection', 'timed', { isReady: false, isPubSubActive: false }],
    ['is on for a cluster, which does not say how its nodes are', 'timed', { isReady: true }],
    ['is on for a pool', 'timed', {}],
  ])('the Redis client\'s own timeout, which takes commands out of its queue, %s', async (_, ran, state) => {
    const client = { ...state, evalSha: async () => 'timed', eval: async () => 'timed', withCommandOptions: () => ({ evalSha: async () => 'untimed' }) }
    expect(await scriptRunner('Store', client, unavailable)(script('return 1'), [], [])).toBe(ran)
  })
})

describeWithRedis('A script', () => {
  it('a script is sent once, and then called by its name', async () => {
    const client = createClient({ url: sharedRedisUrl()! })
    await client.connect()
    const run = scriptRunner('Store', client, unavailable)
    const lua = 'return { KEYS[1], ARGV[1] }'
    for (let index = 0; index < 3; index += 1) expect(await run(script(lua), ['key'], ['value'])).toEqual(['key', 'value'])
    expect(await client.sendCommand(['SCRIPT', 'EXISTS', script(lua).sha1])).toEqual([1])
    client.destroy()
  })

  it('a script starts no timer of the client for a call, and leaves the timers of the app\'s own commands alone', async () => {
    const client = createClient({ url: sharedRedisUrl()!, commandOptions: { timeout: 10_000 } })
    await client.connect()
    const started = jest.spyOn(AbortSignal, 'timeout')
    const run = scriptRunner('Store', client, unavailable)
    await run(script('return { KEYS[1] }'), ['key'], [])
    expect(started).not.toHaveBeenCalled()
    await client.get('key')
    expect(started).toHaveBeenCalledWith(10_000)
    started.mockRestore()
    client.destroy()
  })
})
