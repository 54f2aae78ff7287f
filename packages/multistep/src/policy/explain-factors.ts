import type { Factor } from '../factors/factor.js'
import type { Evidence } from '../factors/proof.js'
import { enrollableOn, hasFactorOf, preferring, progressOn, type Path, type Plan } from './plan.js'

/** A factor as `login.explain` tells of it: whether this person can use it, and why not. */
export interface ExplainedFactor {
  readonly factor: string
  /** As its pages name it. */
  readonly label: string
  /** Whether this person could take the step with it. */
  readonly usable: boolean
  readonly why: string
  /** What its device showed of bound values is not proven, so it does not meet `require({ bind })`. */
  readonly provesDetails?: false
}

/** One step of a policy, and all that decides which factors meet it. */
export interface StepView {
  /** The factors of each step; none of a step that is not asked for. */
  readonly steps: readonly (readonly Factor[])[]
  readonly plan: Plan
  /** The factors that this person has. */
  readonly has: readonly Factor[]
  readonly evidence: readonly Evidence[]
  readonly provesDetails: (factor: Factor) => boolean
  readonly index: number
}

type Verdict = Pick<ExplainedFactor, 'usable' | 'why'>

export const explainFactors = (view: StepView, factors: readonly Factor[]): ExplainedFactor[] =>
  factors.map((factor) => explainFactor(view, factor))

function explainFactor(view: StepView, factor: Factor): ExplainedFactor {
  const told = { factor: factor.name, label: factor.label, ...verdict(view, factor) }
  return view.provesDetails(factor) ? told : { ...told, provesDetails: false }
}

function verdict(view: StepView, factor: Factor): Verdict {
  const { has, evidence, index } = view
  const isEnrolled = has.includes(factor)
  if (factorsAt(view, index).length === 0) {
    return { usable: false, why: isEnrolled ? 'Set up, and not asked for.' : 'Not set up.' }
  }
  const proof = evidence.find((one) => one.factor === factor.name)
  if (proof) return { usable: leadsOn(view, factor), why: `Proven at ${proof.at.toISOString()}.` }
  return isEnrolled ? enrolled(view, factor) : notEnrolled(view, factor)
}

function enrolled(view: StepView, factor: Factor): Verdict {
  const twin = twinElsewhere(view, factor)
  if (leadsOn(view, factor)) {
    return { usable: true, why: twin === undefined ? 'Can be used.' : `Can be used; counts once with ${twin}.` }
  }
  if (twin !== undefined) return { usable: false, why: `Counts once with ${twin}.` }
  return { usable: false, why: 'Leads on a way that cannot be finished with what is set up.' }
}

function notEnrolled(view: StepView, factor: Factor): Verdict {
  if (factor.enroll !== 'first') return { usable: false, why: 'Not set up.' }
  if (leadsOn(view, factor)) return { usable: true, why: 'Not set up; can be set up on the way.' }
  const others = factorsAt(view, view.index).filter((one) => view.has.includes(one)).map(({ name }) => name).join(', ')
  if (others === '') return { usable: false, why: 'Not set up.' }
  return { usable: false, why: `Not set up, and not to be set up on the way, because ${others} is.` }
}

const factorsAt = ({ steps }: StepView, index: number): readonly Factor[] => steps[index] ?? []

/** The factor of another step that is the same kind on the same channel, or this very one. */
function twinElsewhere(view: StepView, factor: Factor): string | undefined {
  const isSame = ({ authenticator }: Factor): boolean => authenticator === factor.authenticator
  const step = view.steps.findIndex((factors, index) => index !== view.index && factors.some(isSame))
  const other = factorsAt(view, step).find(isSame)
  if (!other) return undefined
  if (other === factor) return `step ${step + 1}: one proof covers one step`
  return `${other.name} of step ${step + 1}: the same kind of factor on the same channel`
}

/** Whether this factor can take the step without making another step impossible that is possible now. */
function leadsOn(view: StepView, factor: Factor): boolean {
  const { plan, has, index } = view
  const paths = preferring(plan.paths, (path) => hasFactorOf(path, index, has))
  const furthest = Math.max(...paths.map((path) => progressOn(path, meansOn(path, view)).step))
  const leadsAt = (path: Path, place: number): boolean => {
    const { covered, step } = progressOn({ ...path, choices: path.choices.with(place, [factor]) }, meansOn(path, view))
    return covered[place] === true && step >= furthest
  }
  return paths.some((path) => path.choices.some((choice, place) =>
    path.stepOf[place] === index && choice.includes(factor) && leadsAt(path, place)))
}

/** What this person has, and what they may enrol on a path. */
const meansOn = (path: Path, { has }: StepView): Factor[] => [...has, ...enrollableOn(path, has)]
