import { errorForPassport } from '#internal/passport-error'

describe('A thrown value, for Passport,', () => {
  it('a thrown object goes to Passport as it is', () => {
    const thrown = [new RangeError('a'), { status: 503 }]
    expect(thrown.map(errorForPassport)).toEqual(thrown)
    expect(errorForPassport(thrown[1])).toBe(thrown[1])
  })

  it.each([undefined, null, false, 0, '', 'route', 'router'])(
    'a thrown value goes to Passport as the cause of an error, when Express would let the request pass for it: %p', (thrown) => {
      const error = errorForPassport(thrown)
      expect(error).toBeInstanceOf(Error)
      expect([error.message, error.cause]).toEqual(['A callback of the app failed.', thrown])
    })
})
