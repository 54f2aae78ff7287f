import { callVerify, type VerifyDone } from '#internal/verify-callback'

const user = { id: 'u1' }

describe('A verify callback', () => {
  it.each<[string, (phone: string, done: VerifyDone) => unknown]>([
    ['calls done', (_, done) => { done(null, user, { message: 'hello' }) }],
    ['calls done later', (_, done) => { setImmediate(done, null, user, { message: 'hello' }) }],
  ])('a verify callback that %s gives the user and the info', async (_, verify) => {
    expect(await callVerify(verify, '+447')).toEqual({ user, info: { message: 'hello' } })
  })

  it('a verify callback may return the user, or a promise of the user', async () => {
    expect(await callVerify<[string]>(() => user, '+447')).toEqual({ user, info: undefined })
    expect(await callVerify<[string]>(async () => user, '+447')).toEqual({ user, info: undefined })
  })

  it.each([undefined, null, false])('a verify callback finds nobody with %p', async (nobody) => {
    expect(await callVerify(async () => nobody, '+447')).toEqual({ user: undefined, info: undefined })
    expect(await callVerify((_phone: string, done: VerifyDone) => { done(null, nobody) }, '+447')).toEqual({ user: undefined, info: undefined })
  })

  it('a verify callback breaks with what it throws, rejects with, or gives done', async () => {
    await expect(callVerify(() => { throw new RangeError('a') }, '+447')).rejects.toThrow(RangeError)
    await expect(callVerify(async () => { throw new RangeError('b') }, '+447')).rejects.toThrow(RangeError)
    await expect(callVerify((_phone: string, done: VerifyDone) => { done(new RangeError('c')) }, '+447')).rejects.toThrow(RangeError)
    await expect(callVerify((_phone: string, done: VerifyDone) => { done('text') }, '+447')).rejects.toMatchObject({ cause: 'text' })
  })

  it('a verify callback answers once: the first call counts', async () => {
    const verify = (_phone: string, done: VerifyDone) => {
      done(null, user)
      done(new Error('second'))
    }
    expect(await callVerify(verify, '+447')).toEqual({ user, info: undefined })
  })
})
