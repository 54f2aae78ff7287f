import type { Line } from '../../handsets/lines.js'
import type { CamaraContext } from '../tokens/context.js'
import { identifiedLine } from './identified-line.js'
import type { Operation } from './operation.js'
import { ApiError } from './problems.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

interface SwapApi {
  readonly path: string
  readonly check: Operation
  readonly retrieveDate: Operation
}

/** SIM Swap 2.1.0. A new subscription counts as a swap, and a number without a SIM has no date. */
export const simSwap = (context: CamaraContext): SwapApi => ({
  path: '/sim-swap/v2',
  check: {
    scopes: ['sim-swap:check', 'sim-swap'],
    members: ['phoneNumber', 'maxAge'],
    answer: (call) => swapped(context, call.body.maxAge, () => requireDate(identifiedLine(context, call).simSince)),
  },
  retrieveDate: {
    scopes: ['sim-swap:retrieve-date', 'sim-swap'],
    members: ['phoneNumber'],
    answer: (call) => {
      const { date, ...period } = latest(context, identifiedLine(context, call).simSince)
      return { latestSimChange: date, ...period }
    },
  },
})

/** Device Swap 1.0.0. A number that was never in a device is refused. */
export const deviceSwap = (context: CamaraContext): SwapApi => ({
  path: '/device-swap/v1',
  check: {
    scopes: ['device-swap:check', 'device-swap'],
    members: ['phoneNumber', 'maxAge'],
    answer: (call) => swapped(context, call.body.maxAge, () => requireDate(identifiedLine(context, call).deviceSince)),
  },
  retrieveDate: {
    scopes: ['device-swap:retrieve-date', 'device-swap'],
    members: ['phoneNumber'],
    answer: (call) => {
      const { date, ...period } = latest(context, requireDate(identifiedLine(context, call).deviceSince))
      return { latestDeviceChange: date, ...period }
    },
  },
})

type Since = Line['simSince']

/** Whether the last swap is no older than `maxAge` hours. `since` is asked when the question itself is right. */
function swapped({ clock, settings }: CamaraContext, maxAge: unknown = 240, since: () => number): { swapped: boolean } {
  if (typeof maxAge !== 'number' || !Number.isInteger(maxAge)) throw new ApiError('INVALID_ARGUMENT')
  const most = settings.monitoredPeriod === undefined ? 2400 : Math.min(2400, settings.monitoredPeriod * 24)
  if (maxAge < 1 || maxAge > most) throw new ApiError('OUT_OF_RANGE')
  return { swapped: clock.now() - since() <= maxAge * HOUR }
}

/** The date of the last swap, unless it is longer ago than the operator may look back. */
function latest({ clock, settings }: CamaraContext, since: Since): { date: string | null, monitoredPeriod?: number } {
  const { monitoredPeriod } = settings
  if (since === null) return { date: null }
  const isTooOld = monitoredPeriod !== undefined && clock.now() - since > monitoredPeriod * DAY
  if (isTooOld) return { date: null, monitoredPeriod }
  return { date: new Date(since).toISOString() }
}

function requireDate(since: Since): number {
  if (since === null) throw new ApiError('SERVICE_NOT_APPLICABLE')
  return since
}
