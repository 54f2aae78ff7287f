import { createHash } from 'node:crypto'
import { wantsHtml, type Request } from '../http/request.js'
import { MultistepError } from '../lib/errors.js'
import { localPath } from '../lib/local-path.js'
import { decidedInTime } from '../policy/login-policy.js'
import type { Alternatives } from '../policy/plan.js'
import type { RequiredFactors } from '../policy/requirement.js'
import type { Context } from '../settings/context.js'
import type { ResumeForm } from '../stores/step-up-store.js'
import { boundValues, detailsOf, formValues, refusedBind, sorted, type Bind } from './bound-values.js'
import type { Currencies } from './money.js'
import { resumedRequest, resumeForm, type Resume } from './resume.js'
import { shownBy } from './shown-details.js'

/** A route that asks for proof, and what it asks. */
export interface Guarded {
  readonly context: Context
  readonly need: RequiredFactors
  readonly bind?: Bind | undefined
  readonly currency?: Currencies | undefined
  readonly resume?: Resume | undefined
  readonly page: string | undefined
}

/** What a request must prove, and which grant lets it pass. */
export interface Task {
  readonly asked: Alternatives
  readonly grant: string
  /** The bound values in words, and as a form sends them. */
  readonly details?: Readonly<Record<string, string>>
  readonly values?: Readonly<Record<string, string>>
  /** A value that a factor which could be asked for cannot show. */
  readonly refused?: { readonly factor: string, readonly name: string } | undefined
}

/** The types of the values are part of the digest: 1 is not "1". */
export const grantDigest = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url')

/** What this request is asked for: with `bind`, by the values that it brings. */
export async function taskOf({ context, need, bind, currency }: Guarded, req: Request): Promise<Task> {
  const about = [need.maxAge, req.method, requestPath(req)]
  if (!bind) return { asked: need.asked, grant: grantDigest(need.asked, ...about) }
  const values = await decidedInTime(context.settings.stepTimeout, boundValues(context, bind, req, currency))
  const details = detailsOf(values, currency)
  const { shown, refused } = shownBy(context, need.asked, details)
  if (shown.length === 0) {
    if (refused) throw cannotBeShown(context, refused)
    throw new MultistepError('misconfigured', 'multistep: nobody can meet a require({ bind }) any more: '
      + 'what was shown is proven by none of its factors since a strategy was registered again.')
  }
  // The digest names the factors that may open the route now. A grant from a factor that proves nothing any more opens
  // nothing.
  const grant = grantDigest(shown, ...about, sorted(values))
  return { asked: shown, grant, details, values: formValues(values), refused }
}

export const cannotBeShown = (context: Context, refused: NonNullable<Task['refused']>): MultistepError =>
  refusedBind(context, { ...refused, reason: 'cannot be shown' })

const requestPath = (req: Request): string => (req.originalUrl ?? req.url ?? '/').split('?', 1)[0] ?? '/'

/**
 * The form of the last page, for a form that was posted.
 * @throws MultistepError `misconfigured` where it would not be what the person has confirmed.
 */
export async function resumeOf(
  guarded: Guarded, { grant, values }: Task, req: Request,
): Promise<ResumeForm | undefined> {
  const { context, resume } = guarded
  const path = localPath(req.originalUrl ?? req.url)
  if (!resume || !values || req.method !== 'POST' || path === undefined) return undefined
  const form = resumeForm(resume, req, context.settings.publicPath + path, values)
  const again = await taskOf(guarded, resumedRequest(req, form)).catch(notTaken)
  if (again !== 'not taken' && again.grant === grant) return form
  // A program sends its request anew by itself, also one that no form could send.
  if (!wantsHtml(req)) return undefined
  if (again === 'not taken') {
    throw new MultistepError('misconfigured', 'multistep: require: resume sends the values of bind as fields of a form, '
      + 'and bind did not take them. Let bind read each from req.body under the name that it gives it.')
  }
  const name = Object.keys(values).find((one) => again.values?.[one] !== values[one])
  throw new MultistepError('misconfigured', 'multistep: require: resume sends the values of bind under their names, and '
    + `bind gave another ${name ?? 'type'} for them. Let bind return what it reads from req.body under the same names.`)
}

function notTaken(error: unknown): 'not taken' {
  if (error instanceof MultistepError && error.code === 'bind_invalid') return 'not taken'
  throw error
}
