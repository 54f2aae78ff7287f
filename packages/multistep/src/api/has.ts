import type { Duration } from '#internal/duration'
import type { Context } from '../settings/context.js'
import { suggestion } from '#internal/option-checks'
import { anything, checkOptions } from '../lib/option-checks.js'
import { longestAge, freshlyProven, isFresh } from '../policy/requirement.js'
import type { Kind } from '../factors/factor.js'
import type { Request } from '../http/request.js'
import { loginOf } from '../session/current-login.js'

const kinds: readonly string[] = ['knowledge', 'possession', 'inherence'] satisfies Kind[]

/**
 * Whether the login of this request has freshly proven a factor, or a factor of a kind. The age of the proof is
 * measured by the clock that `session()` read.
 */
export function has(
  context: Context, req: Request, factorOrKind: string, options: { maxAge?: Duration } = {},
): boolean {
  const { factors } = context.settings
  checkOptions('has.', options, { maxAge: anything })
  const known = [...factors.names, ...kinds]
  if (!known.includes(factorOrKind)) {
    throw new TypeError(`multistep: has(req, '${factorOrKind}') never holds: that is no factor of this policy, `
      + `and no kind. ${suggestion(factorOrKind, known)}`)
  }
  const age = longestAge('has: maxAge', options.maxAge)
  const login = loginOf(context, req)
  if (!login) return false
  return freshlyProven(login.proofs, age, login.at, factors)
    .some((factor) => isFresh(factor) && (factor.name === factorOrKind || factor.kind === factorOrKind))
}
