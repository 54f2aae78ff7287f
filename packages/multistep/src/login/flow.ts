import type { Proof } from '../factors/proof.js'
import type { Request } from '../http/request.js'
import { MultistepError, problemOf } from '../lib/errors.js'
import { keep, kept, saved, sessionDigest } from '../session/browser-session.js'
import { onCurrent } from '../session/act-on-current.js'
import { returnToOf } from '../session/return-page.js'
import type { Context } from '../settings/context.js'
import type { Anonymous, Beginning, Standing } from '../state/position.js'
import type { Flow, FlowStore } from '../stores/flow-store.js'
import { newId, nobodysPartition, randomWord } from '../stores/keys.js'

/** Begins a flow for a browser whose person is not known yet, so that a challenge has a place. */
export async function beginAnonymous(
  context: Pick<Context, 'settings' | 'store'>, req: Request, position: Beginning, challenges: Flow['challenges'],
): Promise<Anonymous> {
  const named = nameFlow(context, req, nobodysPartition(randomWord()), returnToOf(context, req))
  const session = sessionDigest(context.settings, req)
  const flow = await named.keep({ session, proofs: [], challenges }, position.at)
  return { ...position, type: 'anonymous', flow, lost: false }
}

/** A new flow that the session names already, and that is yet to be kept. */
export interface NamedFlow {
  readonly id: string
  /**
   * Keeps the flow and the session. The flow that this browser had before ends.
   * @throws MultistepError `store_unavailable`.
   */
  keep(flow: Flow, at: number | undefined): Promise<Standing>
}

export function nameFlow(
  { store, settings }: Pick<Context, 'store' | 'settings'>, req: Request, partition: string,
  returnTo: string | undefined,
): NamedFlow {
  const id = newId(partition)
  const before = kept(req).flow
  keep(req, { flow: id, problem: undefined, entered: undefined, returnTo })
  return {
    id,
    async keep(flow, at) {
      const now = at ?? await store.time()
      const [created] = await Promise.all([store.createFlow(id, flow, settings.ttl), saved(req, settings.storeTimeout)])
      if (!created) throw new MultistepError('store_unavailable', problemOf('store_unavailable').message)
      if (before !== undefined) await store.dropFlow(before)
      return { ...flow, id, version: 1, expiresAt: now + settings.ttl }
    },
  }
}

/** Parallel requests may prove one anonymous flow. Exactly one of them finds it without a proof. */
export const spend = (store: FlowStore, flow: Standing, proofs: readonly Proof[]): Promise<Standing | undefined> =>
  onStanding(store, flow, (standing) =>
    store.advanceFlow(standing.id, standing.version, { ...flowContent(standing), proofs }))

/** Acts on a flow as it stands. It acts again where another request has meanwhile moved the flow and proven nothing. */
export const onStanding = (
  store: FlowStore, flow: Standing, act: (flow: Standing) => Promise<boolean>,
): Promise<Standing | undefined> =>
  onCurrent(flow, async () => {
    const { flow: now } = await store.readFlow(flow.id)
    return now && { ...now, id: flow.id }
  }, act)

export const flowContent = ({ id: _, version: __, expiresAt: ___, ...flow }: Standing): Flow => flow
