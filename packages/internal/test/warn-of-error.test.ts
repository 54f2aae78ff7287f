import { inspect } from 'node:util'
import { warnOfError } from '#internal/warn-of-error'

describe('A warning of what was thrown', () => {
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  beforeEach(() => { warnings.mockClear() })
  afterAll(() => { warnings.mockRestore() })
  const told = (thrown: unknown): unknown => {
    warnOfError(thrown)
    expect(warnings).toHaveBeenCalledTimes(1)
    return warnings.mock.calls[0]![0]
  }

  it('a warning of a thrown error is the error itself', () => {
    const error = new RangeError('too far')
    expect(told(error)).toBe(error)
  })

  it.each([['a text', 'a text'], [undefined, 'undefined'], [404, '404'], [Symbol('odd'), 'Symbol(odd)']])('a warning of a thrown value is the text of %p', (thrown, text) => {
    expect(told(thrown)).toBe(text)
  })

  const broken = (name: string) => Object.defineProperty(new Error('an error'), name, { get() { throw new Error('read') } })
  it.each([
    ['an object without a text', Object.create(null)],
    ['an object whose toString throws', { toString() { throw new Error('read') } }],
    ['an error whose message throws', broken('message')],
    ['an error whose stack throws', broken('stack')],
    ['an error whose toString throws', broken('toString')],
    ['an error without a text', Object.assign(new Error('an error'), { toString: () => Object.create(null) })],
    ['an error whose name is none', Object.assign(new Error('an error'), { name: Object.create(null) })],
    ['a proxy that throws at everything', new Proxy({}, { get() { throw new Error('read') }, getPrototypeOf() { throw new Error('read') } })],
  ])('a warning never throws, also for %s, and holds nothing that throws when it is printed', (_, thrown) => {
    const warning = told(thrown)
    expect(warning).toMatch(/^(Something|An error) was thrown that cannot be read\.$/)
    expect(() => inspect(warning)).not.toThrow()
  })
})
