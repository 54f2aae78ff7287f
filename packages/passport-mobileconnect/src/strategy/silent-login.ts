import { DeadlineError, within } from '#internal/deadline'
import { MobileConnectError, type MobileConnectCode } from '../errors.js'
import { isSilent } from '../protocol/displayed-data.js'
import { refused, type Refused } from '../protocol/results.js'
import { fail, type Ending } from './ending.js'
import type { Login } from './login.js'

/** Whether the operator is asked to show nothing. */
export const isSilentLogin = ({ route, options }: Login): boolean =>
  isSilent({ prompt: route.prompt ?? options.prompt })

/** The operator could not be asked, or not in time. */
const outages: readonly MobileConnectCode[] = ['operator_unavailable', 'discovery_failed']

/**
 * Begins a login that shows nothing. An operator that is down or late has learned nothing of the user, so the failure
 * is `unavailable`, and no error: another factor takes the place of this one. All calls together end within `timeout`
 * milliseconds, because the user waits for them without knowing.
 */
export async function beginSilently(timeout: number, begin: () => Promise<Ending>): Promise<Ending> {
  try {
    return await within(timeout, begin())
  } catch (error) {
    return { ...fail('unavailable'), cause: outageIn(error) } as Ending
  }
}

/**
 * Ends a login that was to show nothing. What the operator cannot say without asking the user is `unavailable`, like an
 * outage (OpenID Connect Core §3.1.2.6).
 */
export async function endSilently<Result extends { readonly status: string }>(
  timeout: number,
  end: () => Promise<Result | Refused>,
): Promise<Result | Refused> {
  try {
    const result = await within(timeout, end())
    const isUnanswered = 'code' in result && result.code === 'interaction_required'
    return isUnanswered ? refused('unavailable', result.cause) : result
  } catch (error) {
    return refused('unavailable', outageIn(error))
  }
}

/** What the log is told of an outage. @throws every other error, as it is. */
function outageIn(error: unknown): Error | undefined {
  if (error instanceof DeadlineError) return error
  if (!(error instanceof MobileConnectError) || !outages.includes(error.code)) throw error
  return error.cause instanceof Error ? error.cause : undefined
}
