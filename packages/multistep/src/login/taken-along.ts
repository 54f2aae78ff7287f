import type { Context } from '../settings/context.js'
import type { NextStep } from '../policy/next-step.js'
import type { Factor } from '../factors/factor.js'
import { endOf, type KeptChallenge } from '../factors/kept-challenge.js'
import type { Flow, KeptFlow } from '../stores/flow-store.js'
import { parseId } from '../stores/keys.js'
import { polled } from '../session/tombstone.js'
import type { Left } from '../state/position.js'

/**
 * A password may come twice: by a double click, from a page that Back has brought, after a login was given up. The
 * challenge of the first login is on the person's phone, and no other may be sent yet. So the next login of the same
 * person takes it along, in the same browser and by the same policy. It stays one challenge, with one budget of guesses
 * and one use. A login takes only challenges that its next step accepts, and that can still be answered.
 */
export function takenAlong(left: Left | undefined, userId: string, { open }: NextStep, at: number): Flow['challenges'] {
  if (left?.userId !== userId) return {}
  const isOpen = (name: string): boolean => open.some(({ factor }) => factor.name === name)
  const taken = Object.entries(left.challenges).filter(([name, begun]) => isOpen(name) && isLiving(begun, at))
  return Object.fromEntries(taken)
}

/** A silent try, and a factor that was withdrawn, leave a challenge without anything in it: nothing was sent. */
const wasSent = ({ challenge, public: shown }: KeptChallenge): boolean =>
  challenge !== undefined || shown !== undefined

const isLiving = (begun: KeptChallenge, at: number): boolean => wasSent(begun) && at < (endOf(begun) ?? Infinity)

/** Whether a challenge was sent that can still be answered, and no other may be sent yet. */
export function isOnItsWay(begun: KeptChallenge | undefined, at: number): boolean {
  if (!begun || !isLiving(begun, at)) return false
  const resendAt = Date.parse(String(begun.public?.resendAt))
  return !Number.isFinite(resendAt) || at < resendAt
}

/** Stands in place of a session's digest. It belongs to no session, so that no request goes on with this login. */
const givenUp = 'given up'

/** Ends a pending login. Its challenges wait for the next login of this person in this browser. They prove nothing. */
export async function giveUp(
  { store }: Pick<Context, 'store'>, id: string, flow: KeptFlow | undefined, at: number | undefined,
): Promise<void> {
  const living = Object.entries(flow?.challenges ?? {}).filter(([, begun]) => isLiving(begun, at ?? Infinity))
  const challenges = Object.fromEntries(living)
  const left = flow?.browser !== undefined && living.length > 0
    && await store.advanceFlow(id, flow.version, { session: givenUp, browser: flow.browser, proofs: [], challenges })
  if (!left) await store.dropFlow(id)
}

/** Milliseconds within which two posts of one form come. */
const moments = 10_000

/** Milliseconds for which a second post waits for what the first one sends. */
const patience = 2_000

/**
 * The challenge that this factor sent for another login of this person in this browser. That login was given up, or it
 * began moments ago, and the browser may have lost its cookie or is yet to get it. A login is kept only after its text
 * was sent, so the store is asked for a while.
 */
export async function sentBefore(
  { store, settings }: Pick<Context, 'store' | 'settings'>, flow: KeptFlow & { readonly id: string }, factor: Factor,
): Promise<KeptChallenge | undefined> {
  const { partition } = parseId(flow.id) ?? {}
  if (partition === undefined || flow.browser === undefined) return undefined
  const look = async (): Promise<KeptChallenge | undefined> => {
    const { at, flows } = await store.readFlows(partition)
    const began = ({ expiresAt }: KeptFlow): number => expiresAt - settings.ttl
    return flows
      .filter((one) => one.id !== flow.id && one.browser === flow.browser)
      .filter((one) => one.session === givenUp || at - began(one) < moments)
      .map(({ challenges }) => challenges[factor.name])
      .find((begun) => isOnItsWay(begun, at))
  }
  return polled(patience, look, (found) => found !== undefined)
}
