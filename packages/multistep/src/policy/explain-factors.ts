import { coverage } from './coverage.js'
import { type Proven, provenBy, type Factor, type FactorTable } from '../factors/factor.js'
import type { Evidence } from '../factors/proof.js'
import { routesOf, type Asked, type Route } from './plan.js'

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

/** One step of a plan, and all that decides which factors meet it; a step that is not asked for has one way of no slots. */
export interface StepView {
  readonly plan: readonly Asked[]
  readonly factors: FactorTable
  /** The names that this person has. */
  readonly enrolled: readonly string[]
  readonly evidence: readonly Evidence[]
  readonly provesDetails: (factor: Factor) => boolean
  readonly index: number
}

export const explainFactors = (view: StepView, names: readonly string[]): ExplainedFactor[] =>
  names.map((name) => {
    const factor = view.factors.get(name)
    return { factor: name, label: factor.label, ...verdict(view, factor), ...(view.provesDetails(factor) ? {} : { provesDetails: false as const }) }
  })

function verdict(view: StepView, factor: Factor): Pick<ExplainedFactor, 'usable' | 'why'> {
  const { enrolled, evidence, index } = view
  const has = enrolled.includes(factor.name)
  if (namesOf(view, index).length === 0) return { usable: false, why: has ? 'Set up, and not asked for.' : 'Not set up.' }
  const proof = evidence.find((one) => one.factor === factor.name)
  if (proof) return { usable: leads(view, factor), why: `Proven at ${proof.at.toISOString()}.` }
  if (!has) return notEnrolled(view, factor)
  const twin = twinOf(view, factor)
  if (leads(view, factor)) return { usable: true, why: twin === undefined ? 'Can be used.' : `Can be used; counts once with ${twin}.` }
  return { usable: false, why: twin === undefined ? 'Leads on a way that can not be finished with what is set up.' : `Counts once with ${twin}.` }
}

function notEnrolled(view: StepView, factor: Factor): Pick<ExplainedFactor, 'usable' | 'why'> {
  if (factor.enroll !== 'first') return { usable: false, why: 'Not set up.' }
  const others = namesOf(view, view.index).filter((name) => view.enrolled.includes(name))
  if (leads(view, factor)) return { usable: true, why: 'Not set up; can be set up on the way.' }
  return { usable: false, why: others.length === 0 ? 'Not set up.' : `Not set up, and not to be set up on the way, because ${others.join(', ')} is.` }
}

const namesOf = ({ plan }: StepView, index: number): string[] => [...new Set(plan[index]?.flat(2))]

/** The factor of another step that is the same kind on the same channel, or this very one. */
function twinOf(view: StepView, { name, authenticator }: Factor): string | undefined {
  const same = (one: string): boolean => view.factors.get(one).authenticator === authenticator
  const step = view.plan.findIndex((_, index) => index !== view.index && namesOf(view, index).some(same))
  if (step < 0) return undefined
  const other = namesOf(view, step).find(same)
  return other === name ? `step ${step + 1}: one proof covers one step` : `${other} of step ${step + 1}: the same kind of factor on the same channel`
}

/** Whether this factor can cover a slot of the step without making another step impossible that is possible now. */
function leads(view: StepView, { name }: Factor): boolean {
  const { plan, enrolled, index } = view
  const all = routesOf(plan)
  const begun = all.filter(({ slots, steps }) => slots.some((slot, place) => steps[place] === index && slot.some((one) => enrolled.includes(one))))
  const routes = begun.length > 0 ? begun : all
  const most = Math.max(...routes.map((route) => reach(route, having(view, route))))
  return routes.some((route) => route.slots.some((slot, place) => {
    if (route.steps[place] !== index || !slot.includes(name)) return false
    const only = { ...route, slots: route.slots.map((other, at) => (at === place ? [name] : other)) }
    return reach(only, having(view, route)) >= most && coverage(only.slots, having(view, route))[place] === true
  }))
}

/** The first step that stays open with these proofs. */
const reach = ({ slots, steps }: Route, proofs: readonly Proven[]): number => steps[coverage(slots, proofs).indexOf(false)] ?? Infinity

/** What this person has, or may enrol where a slot has nothing that they have. */
function having({ factors, enrolled }: StepView, { slots }: Route): Proven[] {
  const without = slots.filter((slot) => !slot.some((name) => enrolled.includes(name))).flat()
  const enrollable = without.filter((name) => factors.get(name).enroll === 'first')
  return [...enrolled, ...enrollable].map((name) => provenBy(factors.get(name)))
}
