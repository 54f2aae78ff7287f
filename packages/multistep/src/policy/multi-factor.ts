import { distinctChannel, type Factor } from '../factors/factor.js'
import type { Alternative, Alternatives } from './plan.js'

/**
 * Each alternative, and two kinds of these factors: a proof that the alternative asks for may be one of the two, or
 * both may be.
 * @throws TypeError when there are no two such factors.
 */
export function withTwoKinds(alternatives: Alternatives, factors: readonly Factor[]): Alternatives {
  const pairs = pairsOfKinds(factors)
  return alternatives.flatMap((alternative) => pairs.flatMap((pair) => withPair(alternative, pair)))
}

/** A factor, and all others that are of another kind over another channel. */
interface TwoKinds { readonly one: readonly string[], readonly others: readonly string[] }

/**
 * Two kinds over two channels (NIST SP 800-63B-4 §2.2.1).
 * @throws TypeError when the policy has no two such factors.
 */
function pairsOfKinds(factors: readonly Factor[]): TwoKinds[] {
  const ofKinds = factors.filter(({ kind }) => kind !== undefined)
  const channel = (one: Factor): string => distinctChannel(one.channel, one.name)
  const isOther = (one: Factor, other: Factor): boolean => other.kind !== one.kind && channel(other) !== channel(one)
  const pairs = ofKinds.map((one, index) => ({
    one: [one.name],
    others: ofKinds.slice(index + 1).filter((other) => isOther(one, other)).map(({ name }) => name),
  }))
  const some = pairs.filter(({ others }) => others.length > 0)
  if (some.length === 0) {
    throw new TypeError('multistep: require: nobody can meet mfa, because the steps mention no two factors of '
      + 'different kinds over different channels. Add one to steps, or say of which kind they are with factors: { '
      + '<name>: { kind: … } }.')
  }
  return some
}

function withPair(alternative: Alternative, { one, others }: TwoKinds): Alternative[] {
  const first = withChoice(alternative, one)
  return first.flatMap(({ changed, at }) => withChoice(changed, others, at).map((second) => second.changed))
}

interface Changed { readonly changed: Alternative, readonly at: number }

/** The alternative, so that one of these names is proven: at one of its choices, other than `taken`, or at one more. */
function withChoice(alternative: Alternative, names: readonly string[], taken?: number): Changed[] {
  const made: Changed[] = []
  for (const [at, choice] of alternative.entries()) {
    const both = choice.filter((name) => names.includes(name))
    if (at !== taken && both.length > 0) made.push({ changed: alternative.with(at, both), at })
  }
  made.push({ changed: [...alternative, names], at: alternative.length })
  return made
}
