import { aims } from '../lib/aims.js'
import { Child } from '../lib/children.js'
import { logInMany, strangers } from '../lib/logging-in.js'
import { at } from '../lib/measure.js'
import { aimed, title } from '../lib/print.js'

const logins = 60
const rounds = 7

/** So much room for what is new that none of it is collected while it is counted. */
const flags = ['--min-semi-space-size=256', '--max-semi-space-size=256']

/** What a login allocates, in memory: the collector's work follows it. */
export async function benchAllocations(): Promise<void> {
  title('Kilobytes of the heap that a whole login allocates, in memory', 'KB', 'aim')
  await allocated('hand-written', 'hand-written')
  await allocated('floor', 'floor')
  await allocated('multistep + passport-sms-otp', 'multistep', aims.loginKilobytes)
}

async function allocated(name: string, program: string, aim?: { readonly atMost: number }): Promise<void> {
  const child = await Child.start(program, {}, flags)
  const next = strangers()
  const heap = () => child.ask<{ used: number, collections: number }>('heap')
  for (let warm = 0; warm < 5; warm += 1) await logInMany(child, next(logins))
  const found: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const before = await heap()
    await logInMany(child, next(logins))
    const after = await heap()
    if (after.collections === before.collections) found.push((after.used - before.used) / logins / 1024)
  }
  await child.stop()
  const kilobytes = at(0.5, found)
  aimed(name, kilobytes, Math.round(kilobytes).toString(), aim)
}
