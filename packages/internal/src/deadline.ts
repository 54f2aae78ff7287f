import { AsyncResource } from 'node:async_hooks'

/** The default rejection of {@link within} and {@link withDeadline}: it differs from every rejection of the work. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/**
 * Settles as the promise does, or rejects once `limit` milliseconds have passed.
 * What comes too late is ignored, and a late rejection is not unhandled.
 * @param late makes the error of a promise that is late.
 * @default late: a {@link DeadlineError}
 */
export function within<T>(
  limit: number,
  promise: T | PromiseLike<T>,
  late: () => Error = deadlineError(limit),
): Promise<T> {
  return new Promise((resolve, reject) => {
    const deadline = queueOf(limit).add(() => {
      reject(late())
    })
    const ended = <Outcome>(settle: (outcome: Outcome) => void) => (outcome: Outcome) => {
      deadline.end()
      settle(outcome)
    }
    Promise.resolve(promise).then(ended(resolve), ended(reject))
  })
}

/**
 * What work is given to find out that it is late. The signal is made when it is first asked for, and most work never
 * asks.
 */
export interface Stoppable {
  readonly signal: AbortSignal
}

/**
 * As {@link within}, for work that can be stopped: its signal is aborted when it is late.
 * A synchronous throw is a rejection like any other.
 */
export function withSignal<T>(limit: number, work: (stoppable: Stoppable) => T | PromiseLike<T>): Promise<T> {
  let stop: (() => void) | undefined
  let signal: AbortSignal | undefined
  let isLate = false
  const stoppable: Stoppable = {
    get signal() {
      if (!signal) {
        const controller = new AbortController()
        signal = controller.signal
        // Another request may have made the timer, and listeners of the signal may ask which request this is.
        stop = AsyncResource.bind(() => { controller.abort() })
        if (isLate) stop()
      }
      return signal
    },
  }
  const working = (async () => work(stoppable))()
  return within(limit, working, () => {
    isLate = true
    stop?.()
    return deadlineError(limit)()
  })
}

/** As {@link withSignal}, for work that takes the signal itself. */
export const withDeadline = <T>(limit: number, work: (signal: AbortSignal) => T | PromiseLike<T>): Promise<T> =>
  withSignal(limit, ({ signal }) => work(signal))

const deadlineError = (limit: number) => () => new DeadlineError(`No answer within ${limit} ms.`)

const queues = new Map<number, DeadlineQueue>()

function queueOf(limit: number): DeadlineQueue {
  const known = queues.get(limit)
  if (known) return known
  const queue = new DeadlineQueue(limit)
  queues.set(limit, queue)
  return queue
}

/** A timer of Node holds no longer time than this: it would be over at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Timers are made outside of all requests: none keeps what belongs to the request that came first. */
const outside = new AsyncResource('Deadlines')

/**
 * The deadlines of one length, in a linked list. They end in the order in which they begin, so that one timer for the
 * first of them serves all. That timer is not stopped when the last work is done: most work is done in time, and the
 * next is near.
 */
class DeadlineQueue {
  private readonly limit: number
  private readonly list = new Deadline(0, () => undefined, () => undefined)
  private waiting = 0
  private timer: NodeJS.Timeout | undefined
  private timerEnds = 0

  constructor(limit: number) {
    this.limit = limit
  }

  add(late: () => void): Deadline {
    const now = performance.now()
    const deadline = new Deadline(now + this.limit, late, this.ended)
    deadline.insertBefore(this.list)
    this.waiting += 1
    if (this.waiting === 1) this.startTimer(now)
    return deadline
  }

  /** A process with nothing else to do ends, unless there is something to wait for. */
  private readonly ended = (): void => {
    this.waiting -= 1
    if (this.waiting === 0) this.timer?.unref()
  }

  private startTimer(now: number): void {
    const { endsAt } = this.list.next
    // A test with a clock of its own may have taken away the timer that was left.
    const isRunning = this.timer !== undefined && this.timerEnds >= now && this.timerEnds <= endsAt
    if (isRunning) {
      this.timer?.ref()
      return
    }
    clearTimeout(this.timer)
    const wait = Math.min(Math.max(Math.ceil(endsAt - now), 1), LONGEST_TIMER)
    // The wait is rounded up, also where `endsAt - now` is a rounding error above a whole number. What the timer serves
    // is compared unrounded, or each deadline of the next millisecond would start a timer of its own.
    this.timerEnds = Math.min(now + wait, endsAt)
    this.timer = outside.runInAsyncScope(() => setTimeout(this.onTime, wait))
  }

  private readonly onTime = (): void => {
    const due = performance.now()
    this.timer = undefined
    // After a busy moment the answer may be waiting in the socket: it is read before the deadline counts.
    setImmediate(() => {
      for (let first = this.list.next; first !== this.list && first.endsAt <= due; first = this.list.next) {
        first.end()
        first.late()
      }
      // One that began meanwhile has started a timer itself.
      if (this.timer) return
      if (this.waiting > 0) this.startTimer(performance.now())
      else queues.delete(this.limit)
    })
  }
}

class Deadline {
  readonly endsAt: number
  readonly late: () => void
  next: Deadline = this
  private before: Deadline = this
  private readonly ended: () => void

  constructor(endsAt: number, late: () => void, ended: () => void) {
    this.endsAt = endsAt
    this.late = late
    this.ended = ended
  }

  insertBefore(next: Deadline): void {
    this.before = next.before
    this.next = next
    next.before.next = this
    next.before = this
  }

  /** Takes it out of the list. Nothing happens when it is out already. */
  end(): void {
    if (this.next === this) return
    this.before.next = this.next
    this.next.before = this.before
    this.next = this
    this.before = this
    this.ended()
  }
}
