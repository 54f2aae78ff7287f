import type { Factor } from '../factors/factor.js'
import type { Request } from '../http/request.js'
import type { Awaitable } from '../lib/awaitable.js'
import { MultistepError } from '../lib/errors.js'
import { wordsOfError, wordsOfFailure } from '../lib/event-reason.js'
import { typedCode } from '../lib/typed-code.js'
import { runStrategy, type Outcome, type StrategyLike } from '../passport/run-strategy.js'
import type { Context } from '../settings/context.js'
import type { Position } from '../state/position.js'
import { withdraws } from '../state/offered-factors.js'
import type { Begun, Exchange, FallBack } from './exchange.js'
import { passedOn } from './passing-on.js'
import { markOfPage } from './redirect-mark.js'
import { arrivalOf, leave, leaveByPage } from './redirects.js'

/** @throws MultistepError `misconfigured`. */
export function strategyOf({ passport }: Pick<Context, 'passport'>, factor: Factor): StrategyLike {
  const strategy = passport.strategy(factor.strategy)
  if (strategy) return strategy
  throw new MultistepError('misconfigured', `multistep: Passport knows no strategy '${factor.strategy}'. `
    + `passport.use() it, or name another with factors: { '${factor.name}': { strategy: … } }.`)
}

/** How a strategy is run beside its position. */
export interface Running {
  /** The options that begin a challenge. */
  readonly options?: Readonly<Record<string, unknown>> | undefined
  /** What the request of a factor elsewhere belongs to. */
  readonly begun?: Begun
  /** It leaves by itself: the request is another factor's, and nothing in it is meant for this one. */
  readonly silently?: boolean
}

/** Runs the factor's strategy for this position. */
export async function runFactor(
  exchange: Exchange, factor: Factor, strategy: StrategyLike, position: Position, running: Running = {},
): Promise<Outcome> {
  const { options, begun, silently = false } = running
  const { context, req, res } = exchange
  const { person, requirement, flow } = position
  const challenge = (requirement ?? flow)?.challenges[factor.name]?.challenge ?? null
  const leaves = silently || (begun !== undefined && arrivalOf(exchange) === 'begins')
  const given: Record<string, unknown> = { ...factor.options, ...exchange.strategyOptions, challenge }
  if (requirement?.details) given.details = requirement.details
  if (requirement?.maxAge !== undefined) given.maxAge = requirement.maxAge
  Object.assign(given, options)
  // A request gets here only from this app's own pages (`handle`), after it has proven a step, or with the answer to
  // what this browser began. A strategy with a
  // check of its own sees another method than was sent, and knows neither our token nor our `origins`. It takes our
  // word.
  if (options || leaves) given.sameOrigin = true
  return runStrategy({
    strategy,
    req,
    res,
    person: factor.sees === 'pending' ? person?.user : undefined,
    options: given,
    seesQuery: factor.redirects && !silently,
    body: silently ? {} : await bodyFor(req, factor, options),
    ...seenMethod(factor, leaves, options),
    parameters: parametersFor(begun),
    ...begun || silently
      ? { answersWith: (page) => leaveByPage(req, factor, strategy, markOfPage(page), requirement?.id) }
      : {},
    deadline: context.settings.stepTimeout,
  })
}

/**
 * The method that the strategy sees where it begins. One that leaves begins on GET, as by a link: some begin on no
 * other method. A challenge begins on POST, also where an answer that came by GET has opened its step.
 */
function seenMethod({ redirects }: Factor, leaves: boolean, options: Running['options']): { method?: 'GET' | 'POST' } {
  if (leaves) return { method: 'GET' }
  return options && !redirects ? { method: 'POST' } : {}
}

/** A post that begins a challenge brings no code. */
const bodyFor = (req: Request, factor: Factor, options: Running['options']): Awaitable<unknown> =>
  (options ? req.body as unknown : withFoldedCodes(req, factor))

const onlyPassedOn = { [passedOn]: undefined }

function parametersFor(begun: Begun | undefined): Readonly<Record<string, string | undefined>> {
  const wrote = begun?.sent?.mark?.wrote
  return wrote ? { ...onlyPassedOn, [wrote.name]: wrote.value } : onlyPassedOn
}

/** Where strategies look for a code that a person types. */
const codeFields = ['code', 'otp', 'token', 'passcode', 'totp']

/**
 * The body that a strategy gets to read. A code that was typed as it is shown (`123 456`) reaches the strategy as its
 * digits, as most strategies compare the text as it is. Only codes of digits are folded, and only where a code proves
 * possession. A password's spaces are part of it, a code of letters has the strategy's own alphabet, and the answer of
 * another site was not typed.
 */
async function withFoldedCodes(req: Request, factor: Factor): Promise<unknown> {
  const body: unknown = req.body
  if (typeof body !== 'object' || body === null || factor.redirects || factor.kind === 'knowledge') return body
  if (!factor.kind && !factor.once) return body
  const token = await factor.once?.(req)
  let folded: Record<string, unknown> | undefined
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== 'string' || !(codeFields.includes(name) || value === token)) continue
    const code = typedCode(value)
    if (/^\d{4,12}$/.test(code) && code !== value) folded = { ...folded ?? body, [name]: code }
  }
  return folded ?? body
}

/** What became of the begin of a silent factor. */
type Tried =
  | { readonly type: 'redirect', readonly url: string }
  | { readonly type: 'answered' }
  | { readonly type: 'fell back' } & FallBack

/** Begins a silent factor. Where it does not leave, the step is left to the next factor, and nothing is counted. */
export async function trySilently(exchange: Exchange, factor: Factor, position: Position): Promise<Tried> {
  try {
    const strategy = strategyOf(exchange.context, factor)
    const outcome = await runFactor({ ...exchange, factor }, factor, strategy, position, { silently: true })
    switch (outcome.type) {
      case 'redirect':
        return {
          type: 'redirect', url: leave(exchange.req, factor, strategy, outcome.url, position.requirement?.id),
        }
      case 'answered': return outcome
      case 'fail': {
        const withdrawn = withdraws(outcome.info) ? { withdrawn: true as const } : {}
        return { type: 'fell back', tried: factor, words: wordsOfFailure(outcome.info), ...withdrawn }
      }
      case 'error': return brokenTry(factor, outcome.error)
      case 'pass':
      case 'success': return brokenTry(factor, new MultistepError('misconfigured', 'multistep: asked to begin, the '
        + `strategy of '${factor.name}' sent nobody away. Leave out factors: { '${factor.name}': { silent: true } }.`))
    }
  } catch (error) {
    return brokenTry(factor, error)
  }
}

const brokenTry = (tried: Factor, error: unknown): Tried =>
  ({ type: 'fell back', tried, words: wordsOfError(error), error })
