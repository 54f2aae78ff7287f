import { aims } from '../lib/aims.js'
import { Child } from '../lib/children.js'
import { aimed, title } from '../lib/print.js'

const entries = 1_000_000
const more = 300_000

/** The work of a store in memory is done by the calls themselves, so one call must not pay for all that is due. */
export async function benchCrowds(): Promise<void> {
  title('The slowest call of a memory store, in milliseconds', 'ms', 'aim', '', 'with GC')
  for (const variant of ['challenges', 'flows']) {
    const child = await Child.start('crowded', { variant }, ['--max-old-space-size=6144'])
    const filling = await child.ask<Slowest>('slowest', entries)
    tell(`${variant}: while a million are entered`, filling)
    await child.ask('later')
    const due = await child.ask<Slowest>('slowest', more)
    tell(`${variant}: while a million are due`, due)
    await child.stop()
  }
}

interface Slowest { readonly any: number, readonly alone: number }

const tell = (name: string, { any, alone }: Slowest): void =>
  aimed(name, alone, alone.toFixed(1), aims.worstCallMilliseconds, any.toFixed(1))
