import { errorForPassport } from '#internal/passport-error'

describe('A thrown value, for Passport,', () => {
  it('goes on as it is when it is an object', () => {
    const thrown = [new RangeError('a'), { status: 503 }]
    expect(thrown.map(errorForPassport)).toEqual(thrown)
    expect(errorForPassport(thrown[1])).toBe(thrown[1])
  })

  it.each([undefined, null, false, 0, '', 'route', 'router'])(
    'is an error that holds it as cause, when Express would let the request pass for it: %p', (thrown) => {
      const error = errorForPassport(thrown)
      expect(error).toBeInstanceOf(Error)
      expect([error.message, error.cause]).toEqual(['A callback of the app failed.', thrown])
    })
})
