interface CodedError<Code> extends Error {
  readonly code: Code
  readonly status: number
}

interface ErrorDiagnosis<Code> {
  readonly code?: Code
  readonly status?: number
  readonly reason: string
}

/**
 * An error for the app's log: the message of an error of the package itself. Another error came from a callback of the
 * app, and may hold anything: only its name is told.
 * @param OwnError the class of the package's errors, whose messages and causes are fit for a log
 */
export function errorDiagnosis<Code>(
  error: unknown,
  OwnError: abstract new (...given: never) => CodedError<Code>,
): ErrorDiagnosis<Code> {
  if (!(error instanceof OwnError)) return { reason: error instanceof Error ? error.name : typeof error }
  const { code, status, message, cause } = error
  return { code, status, reason: cause instanceof Error ? `${message} ${cause.message}` : message }
}
