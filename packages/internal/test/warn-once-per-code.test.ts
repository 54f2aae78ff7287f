import { warnOncePerCode } from '#internal/warn-once-per-code'

it('warnOncePerCode() emits the warning of a code once, whatever it says the second time, and other codes beside it', () => {
  const emitted = jest.spyOn(process, 'emitWarning').mockImplementation()
  for (const [code, message] of [['ONE', 'first'], ['ONE', 'again'], ['TWO', 'first']] as const) warnOncePerCode(code, message)
  expect(emitted.mock.calls).toEqual([['first', { code: 'ONE' }], ['first', { code: 'TWO' }]])
  emitted.mockRestore()
})
