/** Ends a verify callback in the classic way. The first call counts. */
export type VerifyDone = (error: unknown, user?: Express.User | false | null, info?: object) => void

export interface Verified {
  readonly user: Express.User | undefined
  readonly info: object | undefined
}

/** Calls a verify callback once. Rejects with its error: thrown, rejected, or given to `done`. */
export function callVerify<Given extends unknown[]>(
  verify: (...all: [...Given, VerifyDone]) => unknown, ...given: Given
): Promise<Verified> {
  return new Promise((resolve, reject) => {
    const found = (user: unknown, info?: object) => resolve({ user: isUser(user) ? user : undefined, info })
    const done: VerifyDone = (error, user, info) => {
      if (isNothing(error)) found(user, info)
      else reject(asError(error))
    }
    const returned = verify(...given, done)
    if (isThenable(returned)) returned.then((user) => found(user), reject)
    // A callback that takes no `done` can answer in no other way than by its result.
    else if (verify.length <= given.length) found(returned)
  })
}

const isNothing = (value: unknown): boolean => value === undefined || value === null || value === false

const isUser = (user: unknown): user is Express.User => Boolean(user)

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function'

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The verify callback called done with an error.', { cause: error })
}
