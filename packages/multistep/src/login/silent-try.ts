import type { Factor } from '../factors/factor.js'
import { MultistepError } from '../lib/errors.js'
import { wordsOfError, wordsOfFailure } from '../lib/reason.js'
import { challengesOf, offeredAt, type Position } from '../state/position.js'
import type { Exchange, FallBack } from './exchange.js'
import { leave } from './redirects.js'
import { runFactor, strategyOf } from './run-factor.js'

/** The factor of this step that is tried before the person is asked for anything, once in a login. */
export const silentFactorAt = (position: Position): Factor | undefined =>
  offeredAt(position).find(({ factor, enrolling }) => factor.silent && !enrolling && !wasTried(position, factor))?.factor

/** A silent try leaves a challenge with nothing in it. */
export const wasTried = (position: Position, { silent, name }: Factor): boolean =>
  silent && Object.hasOwn(challengesOf(position), name)

/** What follows in the place of a silent factor: the one behind it, or else the first one. */
export function factorAfter(position: Position, tried: Factor): Factor | undefined {
  const all = position.next.open.filter(({ enrolling }) => !enrolling).map(({ factor }) => factor)
  const place = all.indexOf(tried)
  const others = [...all.slice(place + 1), ...all.slice(0, Math.max(place, 0))]
  return others.find((factor) => !wasTried(position, factor))
}

/** What became of the begin of a silent factor. */
type Tried =
  | { readonly type: 'redirect', readonly url: string }
  | { readonly type: 'answered' }
  | { readonly type: 'fell back' } & FallBack

/** Begins a silent factor. Whatever keeps it from leaving leaves the step to the next factor, and nothing is counted. */
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
      case 'fail': return { type: 'fell back', tried: factor, words: wordsOfFailure(outcome.info) }
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

/** Whether a silent factor says that it can say nothing, by the code `unavailable` of its failure. */
export const isUnavailable = ({ silent }: Factor, info: unknown): boolean =>
  silent && (info as { code?: unknown } | null | undefined)?.code === 'unavailable'
