// Memory stores with a million entries that are all due at once: `challenges` of passport-sms-otp, or `flows` of
// multistep.
import { MemoryFlowStore } from 'multistep'
import { MemoryChallengeStore } from 'passport-sms-otp'
import { readFileSync } from 'node:fs'
import { PerformanceObserver } from 'node:perf_hooks'
import { word } from '../floor-codes.js'
import { answer, given } from '../lib/child.js'

const capacity = 4_000_000
const ttl = 5 * 60_000
let clock = Date.now()
const now = () => clock

interface Span { readonly begun: number, readonly ended: number }

/**
 * `took`: milliseconds by the clock or of processor time, whichever is less, since other processes have their turn in
 * between.
 */
interface Call extends Span { readonly took: number }

/**
 * Processor time in milliseconds: of this thread, where the system tells it, for a collector's threads work beside it.
 */
function processorTime(): number {
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')
    return Number(nanoseconds) / 1e6
  } catch {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
}

/** To ask for it takes as long as many calls, so it is asked so seldom, and after each call that was slow. */
const CALLS_BETWEEN = 32

/** One new entry. */
type Enter = () => Promise<unknown>

function challenges(): Enter {
  const store = new MemoryChallengeStore({ capacity, now })
  const begin = { ttl, maxAttempts: 5, maxResends: 3 }
  return () => store.send({ subject: word(), begin: { id: word(), ...begin }, delays: [], limits: [] })
}

function flows(): Enter {
  const store = new MemoryFlowStore({ capacity, now })
  const flow = () => ({ session: word(), user: word(), proofs: [], challenges: {} })
  return () => store.createFlow(`${word()}.${word()}`, flow(), ttl)
}

const enter = given.variant === 'flows' ? flows() : challenges()

const collections: Span[] = []
new PerformanceObserver((list) => {
  for (const { startTime: begun, duration } of list.getEntries()) collections.push({ begun, ended: begun + duration })
}).observe({ entryTypes: ['gc'] })

/** The slowest of so many calls, in milliseconds, and the slowest during which nothing was collected. */
async function slowest(count: number): Promise<{ any: number, alone: number }> {
  const slow: Call[] = []
  let before = processorTime()
  for (let index = 0; index < count; index += 1) {
    if (index % CALLS_BETWEEN === 0) before = processorTime()
    const begun = performance.now()
    const entered = enter()
    const ended = performance.now()
    if (ended - begun > 0.5) {
      const after = processorTime()
      slow.push({ begun, ended, took: Math.min(ended - begun, after - before) })
      before = after
    }
    await entered
  }
  // The observer is told a moment later.
  await new Promise((resolve) => setTimeout(resolve, 100))
  const isAlone = ({ begun, ended }: Call) => !collections.some((one) => one.begun < ended && one.ended > begun)
  const longest = (calls: readonly Call[]) => Math.max(0, ...calls.map(({ took }) => took))
  return { any: longest(slow), alone: longest(slow.filter(isAlone)) }
}

answer({
  slowest,
  /** Everything that was entered so far is due. */
  later: () => {
    clock += 2 * ttl
  },
})
