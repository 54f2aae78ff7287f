// The child's half of `children.ts`: a program that answers what the bench asks of it, and ends with the bench.
import { Session } from 'node:inspector/promises'
import { PerformanceObserver } from 'node:perf_hooks'
import type { RedisPlace } from './redis-server.js'

/** What a program is started with. */
export interface ProgramOptions {
  /** Absent: everything is kept in memory. */
  readonly redis?: RedisPlace | undefined
  /** Which of several ways the program does its work. */
  readonly variant?: string | undefined
  /** The operator that people log in at. */
  readonly operator?: OperatorClient | undefined
}

export interface OperatorClient {
  readonly id: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
}

export type Answers = Readonly<Record<string, (argument: any) => unknown>>

/** What a program was started with. */
export const given: ProgramOptions = JSON.parse(process.argv[2] ?? '{}') as ProgramOptions

/** Answers questions by their names, beside those that every program answers, until the bench is gone. */
export function answer(own: Answers): void {
  const answers: Answers = { ...common(), ...own }
  process.on('message', ({ id, question, argument }: { id: number, question: string, argument: unknown }) => {
    const replied = (reply: object) => process.send?.({ id, ...reply })
    Promise.resolve()
      .then(() => answers[question]?.(argument))
      .then((value) => replied({ value }), (error: unknown) => replied({ error: toldError(error) }))
  })
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}

const toldError = (error: unknown): string => (error instanceof Error ? error.stack ?? error.message : String(error))

function common(): Answers {
  const inspector = new Session()
  let collections = 0
  new PerformanceObserver((list) => { collections += list.getEntries().length }).observe({ entryTypes: ['gc'] })
  return {
    /** Microseconds of processor time so far, of all threads. */
    cpu: () => {
      const { user, system } = process.cpuUsage()
      return user + system
    },
    /** Bytes of the heap in use, and how often it was collected so far. */
    heap: () => ({ used: process.memoryUsage().heapUsed, collections }),
    /**
     * The same after everything that nobody holds any more was collected. The program is started with `--expose-gc`.
     */
    collected: () => {
      for (let times = 0; times < 3; times += 1) gc?.()
      return { used: process.memoryUsage().heapUsed, collections }
    },
    profile: async () => {
      inspector.connect()
      await inspector.post('Profiler.enable')
      await inspector.post('Profiler.setSamplingInterval', { interval: 200 })
      await inspector.post('Profiler.start')
    },
    profiled: async () => (await inspector.post('Profiler.stop')).profile,
  }
}
