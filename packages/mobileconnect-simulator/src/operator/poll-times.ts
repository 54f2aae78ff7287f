import { BoundedMap } from '../bounded-map.js'
import type { OperatorContext } from './context.js'

/** When a backchannel request was last polled (CIBA §11: `slow_down`, and five seconds more from then on). */
export function pollTimes({ clock, interval }: Pick<OperatorContext, 'clock' | 'interval'>) {
  const polls = new BoundedMap<{ readonly at: number, readonly interval: number }>()
  return {
    tooEarly(id: string): boolean {
      const now = clock.now()
      const last = polls.get(id)
      const early = last !== undefined && now - last.at < last.interval
      polls.set(id, { at: now, interval: (last?.interval ?? interval) + (early ? 5000 : 0) })
      return early
    },
  }
}
