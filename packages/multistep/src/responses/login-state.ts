import { within } from '#internal/deadline'
import type { Context } from '../settings/context.js'
import { amrOf, type Proof } from '../factors/proof.js'
import type { Factor } from '../factors/factor.js'
import type { KeptChallenge } from '../factors/kept-challenge.js'
import { kept, type Entered } from '../session/browser-session.js'
import { livingGrants, type Granted } from '../state/granted.js'
import type { Request, Response } from '../http/request.js'
import type { OpenFactor } from '../policy/next-step.js'
import { canSendAnother } from '../state/challenge.js'
import type { FactorState, FieldInput, GrantState, State } from '../state/state.js'
import type { KeptRequirement } from '../stores/step-up-store.js'
import type { ActiveLogin, Complete, Position, Standing } from '../state/position.js'
import { challengesOf, offeredAt } from '../state/offered-factors.js'
import { csrfToken } from '../session/csrf-token.js'
import { publicLoginPath, withRequirement } from '../settings/addresses.js'
import { problemOf, type Problem } from '../lib/errors.js'

/** What a page shows once. */
export interface ShownOnce {
  readonly problem?: Problem | undefined
  readonly entered?: Entered | undefined
  readonly values?: Readonly<Record<string, string>> | undefined
}

/** A person who is logged in, and of whom nothing else is shown. */
export interface LoggedIn {
  readonly type: 'complete'
  readonly login: ActiveLogin
}

/** What a page or a JSON client is shown of a position. */
export async function stateOf(
  context: Context,
  req: Request,
  res: Response,
  position: Position | LoggedIn,
  shown: ShownOnce = {},
): Promise<State> {
  const { returnTo } = position.type === 'stepping-up'
    ? { returnTo: position.requirement.page }
    : publicReturnTo(context, req)
  const problem = shown.problem ?? (position.type === 'complete' ? undefined : deadEnd(position))
  const common = {
    ...(problem ? { problem } : {}),
    ...(returnTo === undefined ? {} : { returnTo }),
    csrfToken: csrfToken(req, res),
  }
  switch (position.type) {
    case 'complete': {
      const granted = livingGrants(kept(req).granted, position.login.at).map(grantState)
      const more = { ...granted.length > 0 && { granted }, ...shown.values && { values: shown.values } }
      return { ...completed(position.login.proofs), ...common, ...more }
    }
    case 'stepping-up': {
      const { requirement } = position
      const state = await openState(context, position, requirement, shown.entered)
      return { status: 'step-up', ...state, requirement: requirementState(requirement), ...common }
    }
    case 'anonymous':
    case 'pending': return {
      status: position.type, ...await openState(context, position, position.flow, shown.entered), ...common,
    }
  }
}

type Open = Exclude<Position, Complete>

/** What is still to be proven. */
async function openState(
  context: Context,
  position: Open,
  standing: Standing | KeptRequirement | undefined,
  entered: Entered | undefined,
) {
  const { step, steps } = position.next
  return {
    step: Math.min(step + 1, steps),
    steps,
    completed: completedFactors(standing?.proofs ?? []),
    factors: await Promise.all(offeredAt(position).map((entry) => factorState(context, entry, position, entered))),
    ...(standing ? { expiresAt: new Date(standing.expiresAt).toISOString() } : {}),
  }
}

/**
 * Why a person who is known finds no factor to go on with: a client that reads the state alone must not wait for one.
 */
function deadEnd(position: Open): Problem | undefined {
  const { type, next: { open, step, steps } } = position
  if (open.length > 0) return offeredAt(position).length > 0 ? undefined : problemOf('factor_withdrawn')
  if (type === 'anonymous') return undefined
  return problemOf(step === steps && type === 'pending' ? 'plan_changed' : 'factor_not_enrolled')
}

const publicReturnTo = ({ settings }: Pick<Context, 'settings'>, req: Request): { returnTo?: string } => {
  const { returnTo } = kept(req)
  return returnTo === undefined ? {} : { returnTo: settings.publicPath + returnTo }
}

const requirementState = ({ id, details, maxAge }: KeptRequirement) =>
  ({ id, ...(details ? { details } : {}), ...(maxAge === undefined ? {} : { maxAge }) })

export const grantState = ({ id, details, values, page, expiresAt }: Granted): GrantState =>
  ({ id, details, values, page, expiresAt: new Date(expiresAt).toISOString() })

const completed = (proofs: readonly Proof[]) => ({
  status: 'complete' as const,
  step: proofs.length,
  steps: proofs.length,
  completed: completedFactors(proofs),
  factors: [],
  amr: amrOf(proofs),
})

const completedFactors = (proofs: readonly Proof[]) =>
  proofs.map(({ factor, at }) => ({ factor, at: new Date(at).toISOString() }))

async function factorState(
  context: Context, { factor, enrolling }: OpenFactor, position: Open, entered?: Entered,
): Promise<FactorState> {
  const user = position.person?.user
  const begun = live(challengesOf(position)[factor.name], position.at)
  const [hint, known] = user === undefined ? [] : await Promise.all([factor.hint?.(user), factor.prefill?.(user)])
  const prefill = entered?.factor === factor.name ? { ...known, ...entered.values } : known
  const link = `${publicLoginPath(context.settings)}/${factor.name}`
  const page = ownPage(context, factor, position.requirement?.id)
  const strategy = context.passport.strategy(factor.strategy)
  const news = challengeNow(context.settings.stepTimeout, strategy, begun)
  const [inputs, challenge] = await Promise.all([inputsOf(strategy), news])
  const channels = factor.challenge && canSendAnother(challenge) ? channelsOf(strategy) : undefined
  // Nobody knows yet with what the challenge begins: the person gives it, such as a number.
  const gives = factor.challenge !== undefined && (user === undefined || enrolling)
  return {
    factor: factor.name,
    label: factor.label,
    ...(hint === undefined ? {} : { hint }),
    fields: begun === undefined && gives ? factor.beginFields : factor.fields,
    ...(challenge ? { challenge } : {}),
    ...(channels ? { channels } : {}),
    ...(begun?.public && gives && factor.beginFields.length > 0 ? { beginFields: factor.beginFields } : {}),
    links: {
      authenticate: link, ...(factor.challenge ? { challenge: `${link}/challenge` } : {}), ...(page === undefined ? {} : { page }),
    },
    ...(inputs === undefined ? {} : { inputs }),
    ...(factor.redirects ? { redirects: true as const } : {}),
    ...rememberOffer(context, factor, position),
    ...stayOffer(context, factor, position),
    ...(prefill === undefined ? {} : { prefill }),
  }
}

/** The app's own page for this factor: the router's page cannot ask for what is asked there. */
function ownPage({ settings }: Pick<Context, 'settings'>, factor: Factor, requirement?: string): string | undefined {
  const { page } = factor
  if (page === undefined || page === settings.loginPath) return undefined
  return withRequirement(settings.publicPath + page, requirement)
}

/** How a challenge may travel, as its strategy says. One way alone is no choice. */
function channelsOf(strategy: unknown): readonly string[] | undefined {
  const { channels } = (strategy ?? {}) as { channels?: unknown }
  const areNamed = Array.isArray(channels) && channels.length > 1 && channels.every((one) => typeof one === 'string')
  return areNamed ? channels : undefined
}

/**
 * What is shown of a challenge. Where it has news to wait for (`delivery`), the strategy is asked for them.
 * @param limit milliseconds, after which it is shown as it began
 */
async function challengeNow(
  limit: number, strategy: unknown, begun: KeptChallenge | undefined,
): Promise<FactorState['challenge']> {
  const { delivery } = (strategy ?? {}) as { delivery?: unknown }
  if (begun?.public?.delivery === undefined || typeof delivery !== 'function') return begun?.public
  try {
    const now: unknown = await within(limit, (delivery as (handle: unknown) => unknown).call(strategy, begun.challenge))
    // All of it: what is not there any more, such as another text that may be sent, must not be shown.
    return typeof now === 'object' && now !== null ? now as FactorState['challenge'] : begun.public
  } catch {
    return begun.public
  }
}

/** What a strategy says of its fields. One that says something else, or breaks, says nothing. */
async function inputsOf(strategy: unknown): Promise<FactorState['inputs']> {
  const { inputs } = (strategy ?? {}) as { inputs?: unknown }
  if (typeof inputs !== 'function') return undefined
  try {
    const said: unknown = await (inputs as () => unknown).call(strategy)
    if (typeof said !== 'object' || said === null) return undefined
    const known = Object.entries(said).map(([field, input]): [string, FieldInput] => [field, inputOf(input)])
    return Object.fromEntries(known.filter(([, input]) => Object.keys(input).length > 0))
  } catch {
    return undefined
  }
}

function inputOf(said: unknown): FieldInput {
  const { digits, example } = (said ?? {}) as { digits?: unknown, example?: unknown }
  const hasDigits = typeof digits === 'number' && Number.isInteger(digits) && digits > 0
  return { ...hasDigits && { digits }, ...typeof example === 'string' && { example } }
}

/** Where this proof would complete the login by a post of our own pages. */
function rememberOffer(
  { settings: { remember } }: Pick<Context, 'settings'>, factor: Factor, { type, next }: Open,
): Pick<FactorState, 'remember'> {
  const isLast = type === 'pending' && next.step === next.steps - 1
  return isLast && remember?.skips.has(factor.name) && !factor.redirects ? { remember: { for: remember.for } } : {}
}

/** Where this proof would be the first one, by a post of our own pages. */
const stayOffer = (
  { settings: { stay } }: Pick<Context, 'settings'>,
  factor: Factor,
  { type }: Open,
): Pick<FactorState, 'stay'> =>
  (stay !== undefined && type === 'anonymous' && !factor.redirects ? { stay: { for: stay.for } } : {})

/** A challenge that has expired is shown no more: the next one begins with what the first began with. */
function live(begun: KeptChallenge | undefined, at: number | undefined): KeptChallenge | undefined {
  const expiresAt = Date.parse(String(begun?.public?.expiresAt))
  return at !== undefined && expiresAt <= at ? undefined : begun
}
