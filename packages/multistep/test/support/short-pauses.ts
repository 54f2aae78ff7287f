/**
 * `node:timers/promises` with pauses a fifth as long, for `jest.mock`. A request that is refused looks again and again whether another one of this
 * browser has gone ahead: in these suites as often as ever, in a fifth of the seconds.
 */
export function shortPauses(): typeof import('node:timers/promises') {
  const actual = jest.requireActual<typeof import('node:timers/promises')>('node:timers/promises')
  return { ...actual, setTimeout: (delay, ...rest) => actual.setTimeout((delay ?? 0) / 5, ...rest) }
}
