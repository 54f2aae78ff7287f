import { STATUS_CODES } from 'node:http'

/** A refusal of the person, as a strategy's `fail(info, status)` would tell it. */
export interface Refusal {
  readonly info: { readonly code?: string, readonly message?: string } | undefined
  readonly status: number
}

/**
 * Verify callbacks of many apps refuse by an error that is made for an HTTP answer: NestJS' `UnauthorizedException`,
 * `createError(401)` of http-errors. Such an error is the person's mistake, and counts like one: taken for a break,
 * guessing would cost nothing. `undefined` for every other error, also one whose `status` is what another server
 * answered to the app, as HTTP clients have it.
 */
export function refusalIn(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined
  const { status, code, expose, getStatus } = error as Error & Readonly<Record<string, unknown>>
  const isForThePerson = expose === true || typeof getStatus === 'function'
  if (!isForThePerson || typeof status !== 'number' || status < 400 || status >= 500) return undefined
  const info = {
    ...(typeof code === 'string' && /^[a-z_]+$/.test(code) ? { code } : {}),
    // The name of the status says nothing, and says it in English.
    ...(error.message === '' || error.message === STATUS_CODES[status] ? {} : { message: error.message }),
  }
  return { info: Object.keys(info).length === 0 ? undefined : info, status }
}
