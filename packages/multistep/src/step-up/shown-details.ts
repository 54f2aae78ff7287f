import type { Context } from '../settings/context.js'
import { MultistepError } from '../lib/errors.js'
import type { Factor } from '../factors/factor.js'
import { restricted, type Alternatives } from '../policy/plan.js'

/** What a strategy may say of the values that its device shows. See "For authors of strategies" in the README. */
interface ShowingStrategy {
  readonly provesDetails?: unknown
  checkDetails?(details: Readonly<Record<string, string>>): unknown
}

type Details = Readonly<Record<string, string>>

/**
 * Whether a proof by this factor says that the person was shown what they confirm. The app says it, else the strategy
 * that is registered now, else what is known of the factor. A word that is no boolean is no yes.
 */
export function provesDetails(context: Pick<Context, 'passport'>, factor: Factor): boolean {
  if (factor.provesDetails !== undefined) return factor.provesDetails
  const own = showingStrategyOf(context, factor)?.provesDetails
  return own === undefined ? factor.provesDetailsUnsaid : own === true
}

const showingStrategyOf = (
  { passport }: Pick<Context, 'passport'>,
  { strategy }: Factor,
): ShowingStrategy | undefined => passport.strategy(strategy) as ShowingStrategy | undefined

/** What is asked, of those factors alone that prove what they showed. */
export const provingDetails = (context: Pick<Context, 'settings' | 'passport'>, asked: Alternatives): Alternatives =>
  onlyThose(context, asked, (factor) => provesDetails(context, factor))

export interface Shown {
  /** What is asked of the factors that can show these values, and prove what they showed. */
  readonly shown: Alternatives
  /** Of the others that prove: the first value that one cannot show. */
  readonly refused: { readonly factor: string, readonly name: string } | undefined
}

/**
 * Alternatives anew each time: a strategy may have been registered again since. @throws MultistepError `misconfigured`.
 */
export function shownBy(context: Pick<Context, 'settings' | 'passport'>, asked: Alternatives, details: Details): Shown {
  const proving = provingDetails(context, asked)
  const refusals = [...new Set(proving.flat(2))].flatMap((factor) => {
    const name = unshown(context, context.settings.factors.get(factor), details)
    return name === undefined ? [] : [{ factor, name }]
  })
  const shown = onlyThose(context, proving, ({ name }) => refusals.every(({ factor }) => factor !== name))
  return { shown, refused: refusals[0] }
}

/** The name of a value that this factor cannot show. */
function unshown(context: Pick<Context, 'passport'>, factor: Factor, details: Details): string | undefined {
  const strategy = showingStrategyOf(context, factor)
  if (typeof strategy?.checkDetails !== 'function') return undefined
  const name = strategy.checkDetails({ ...details })
  if (name === undefined || typeof name === 'string') return name
  throw new MultistepError(
    'misconfigured',
    `multistep: checkDetails(details) of the strategy of '${factor.name}' must return, at once, the name of a value ` +
    'that it cannot show, or undefined.',
  )
}

function onlyThose(
  { settings: { factors } }: Pick<Context, 'settings'>,
  asked: Alternatives,
  allowed: (factor: Factor) => boolean,
): Alternatives {
  // What was asked for before a deployment may name a factor that is no more.
  const names = new Set(factors.names.filter((name) => allowed(factors.get(name))))
  return restricted(asked, (name) => names.has(name), factors)
}
