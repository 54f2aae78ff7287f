import type { Context } from '../settings/context.js'
import type { NextStep } from '../policy/next-step.js'
import type { Factor } from '../factors/factor.js'
import { endOf, type KeptChallenge } from '../factors/kept-challenge.js'
import type { Flow, KeptFlow } from '../stores/flow-store.js'
import { parseId } from '../stores/keys.js'
import { polled } from '../session/tombstone.js'
import type { Left } from '../state/position.js'

/**
 * A password comes twice: by a double click, from a page that Back has brought, after a login was given up. What was
 * sent to the person for the first login is on their phone, and nothing else may be sent yet. So the next login takes
 * it along: of the same person, in the same browser and by the same policy. It stays one challenge, with one budget of
 * guesses and one use. Taken are those that the next step accepts, and that can still be answered.
 */
export function takenAlong(left: Left | undefined, userId: string, { open }: NextStep, at: number): Flow['challenges'] {
  if (left?.userId !== userId) return {}
  return Object.fromEntries(Object.entries(left.challenges).filter(([name, begun]) => open.some(({ factor }) => factor.name === name) && isLiving(begun, at)))
}

/** A silent try leaves a challenge without anything in it: nothing was sent. */
const wasSent = ({ challenge, public: shown }: KeptChallenge): boolean => challenge !== undefined || shown !== undefined

const isLiving = (begun: KeptChallenge, at: number): boolean => wasSent(begun) && at < (endOf(begun) ?? Infinity)

/** Whether something was sent that can still be answered, and nothing else may be sent yet. */
export function isOnItsWay(begun: KeptChallenge | undefined, at: number): boolean {
  if (!begun || !isLiving(begun, at)) return false
  const resendAt = Date.parse(String(begun.public?.resendAt))
  return !Number.isFinite(resendAt) || at < resendAt
}

/** In place of a session's digest: it is no session's, so that nothing goes on with this login. */
const givenUp = 'given up'

/** A pending login ends. What was sent for it waits for the next login of this person in this browser, proving nothing. */
export async function giveUp({ store }: Pick<Context, 'store'>, id: string, flow: KeptFlow | undefined, at: number | undefined): Promise<void> {
  const living = Object.entries(flow?.challenges ?? {}).filter(([, begun]) => isLiving(begun, at ?? Infinity))
  const left = flow?.browser !== undefined && living.length > 0
    && await store.advanceFlow(id, flow.version, { session: givenUp, browser: flow.browser, proofs: [], challenges: Object.fromEntries(living) })
  if (!left) await store.dropFlow(id)
}

/** Milliseconds. Two posts of one form come within moments. */
const moments = 10_000

/** Milliseconds for which a second post waits for what the first one sends. */
const patience = 2_000

/**
 * What was sent for another login of this person in this browser, by this factor: for one that was given up, or for one that began moments ago, of
 * which this browser may have lost the cookie, or is yet to get it. A login is kept once its text has left, so the store is asked for a while.
 */
export async function sentBefore({ store, settings }: Pick<Context, 'store' | 'settings'>, flow: KeptFlow & { readonly id: string }, factor: Factor): Promise<KeptChallenge | undefined> {
  const { partition } = parseId(flow.id) ?? {}
  if (partition === undefined || flow.browser === undefined) return undefined
  const look = async (): Promise<KeptChallenge | undefined> => {
    const { at, flows } = await store.readFlows(partition)
    const began = ({ expiresAt }: KeptFlow): number => expiresAt - settings.ttl
    return flows.filter((one) => one.id !== flow.id && one.browser === flow.browser && (one.session === givenUp || at - began(one) < moments))
      .map(({ challenges }) => challenges[factor.name]).find((begun) => isOnItsWay(begun, at))
  }
  return polled(patience, look, (found) => found !== undefined)
}
