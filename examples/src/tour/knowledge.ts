import type { Request } from 'express'
import type { State } from 'multistep'
import type { Login } from '../login.js'
import { asUser } from '../users/users.js'

/** One step of the policy, for this person. */
interface StepShown {
  readonly isDone: boolean
  readonly isNow: boolean
  readonly factors: readonly { readonly label: string, readonly look: 'proven' | 'usable' | 'not-usable', readonly why: string }[]
}

/** What the server holds of a browser, in words that a page can show. */
export interface Knowledge {
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly steps: readonly StepShown[]
  /** The next request, for a terminal. */
  readonly curl: string
}

/** What the server knows of the browser that asks. `chosen` is the factor that its page shows. */
export async function knowledgeOf(login: Login, req: Request, chosen?: string): Promise<Knowledge> {
  const { user, ...state } = await login.progress(req)
  return { facts: factsOf(req, state, user), steps: await stepsOf(login, req, state, user), curl: curlOf(state, chosen) }
}

function factsOf(req: Request, state: State, person: Express.User | undefined): [string, string][] {
  const { status, step, steps, amr } = state
  return [
    ['req.user', req.user ? `{ id: '${asUser(req.user).id}' }` : 'undefined'],
    ['req.isAuthenticated()', String(req.isAuthenticated())],
    ['status', status === 'pending' ? `'pending', ${step} of ${steps}` : `'${status}'`],
    ...person && status === 'pending' ? [['pending person', asUser(person).id] as [string, string]] : [],
    ...amr ? [['amr', amr.join(' + ')] as [string, string]] : [],
  ]
}

async function stepsOf(login: Login, req: Request, { status, step, factors, completed }: State, person: Express.User | undefined): Promise<StepShown[]> {
  const user = person ?? req.user
  // Before the first step nobody knows whose policy it is.
  if (user === undefined) return [{ isDone: false, isNow: true, factors: factors.map(({ label }) => ({ label, look: 'usable', why: '' })) }]
  // In the order of the steps: one proof covers one step.
  const proven = (req.user ? login.evidence(req) : completed).map(({ factor }) => factor)
  const asked = (await login.explain(user, req)).steps.filter((one) => one.asked !== false)
  return asked.map((one, index) => ({
    isDone: req.user !== undefined || index + 1 < step,
    isNow: status === 'pending' && index + 1 === step,
    factors: one.factors.map(({ factor, label, usable, why }) => ({ label, look: proven[index] === factor ? 'proven' : usable ? 'usable' : 'not-usable', why })),
  }))
}

function curlOf({ status, factors, requirement }: State, chosen: string | undefined): string {
  const factor = factors.find((one) => one.factor === chosen) ?? factors[0]
  if (status === 'complete' || factor === undefined) return 'curl -b jar $ACME/account'
  const begins = factor.links.challenge !== undefined && factor.challenge === undefined
  const path = begins ? factor.links.challenge : factor.links.authenticate
  const fields = Object.fromEntries(factor.fields.filter((name) => !(begins && name === 'code')).map((name) => [name, '…']))
  return `curl -b jar -c jar $ACME${path} \\\n  --json '${JSON.stringify({ ...requirement && { for: requirement.id }, ...fields })}'`
}
