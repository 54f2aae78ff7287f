import { errorDiagnosis } from '#internal/error-diagnosis'

class OwnError extends Error {
  readonly code = 'store_unavailable'
  readonly status = 503
}

describe('What the log is told of an error', () => {
  it('the log is told the code, the status and the message of an error of the package', () => {
    expect(errorDiagnosis(new OwnError('The store did not answer.'), OwnError))
      .toEqual({ code: 'store_unavailable', status: 503, reason: 'The store did not answer.' })
  })

  it('the log is told the message of an error\'s cause, too, when the cause is an error', () => {
    const reasonOf = (cause: unknown) => errorDiagnosis(new OwnError('No answer.', { cause }), OwnError).reason
    expect([reasonOf(new Error('ECONNREFUSED')), reasonOf({ token: 'secret' })]).toEqual(['No answer. ECONNREFUSED', 'No answer.'])
  })

  it('the log is told the name alone of an error of the app, whose message may hold anything', () => {
    expect(errorDiagnosis(new RangeError('+447700900001'), OwnError)).toEqual({ reason: 'RangeError' })
  })

  it('the log is told the type alone of a thrown value that is no error', () => {
    expect(['+447700900001', undefined, { phone: '+447700900001' }].map((thrown) => errorDiagnosis(thrown, OwnError).reason))
      .toEqual(['string', 'undefined', 'object'])
  })
})
