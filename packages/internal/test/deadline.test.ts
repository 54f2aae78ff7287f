import { spawnSync } from 'node:child_process'
import { AsyncLocalStorage } from 'node:async_hooks'
import { createServer, connect, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { readFileSync } from 'node:fs'
import { DeadlineError, withDeadline, withSignal, within } from '#internal/deadline'

/** A moment at which `ROUNDS_UP + 100_001 - ROUNDS_UP` is more than 100001. */
const ROUNDS_UP = 31_071.2

const never = new Promise<never>(() => undefined)

const busyFor = (length: number) => {
  const end = performance.now() + length
  while (performance.now() < end);
}

describe('within', () => {
  it('within() settles as the work does, when the work is done in time', async () => {
    expect(await within(1000, Promise.resolve('done'))).toBe('done')
    await expect(within(1000, Promise.reject(new RangeError('broken')))).rejects.toThrow(RangeError)
  })

  it('within() takes a value, and any object with then(), for a promise', async () => {
    expect(await within(1000, 'a value')).toBe('a value')
    const thenable = { then: (resolve: (value: string) => void) => { resolve('a thenable') } }
    expect(await within(1000, thenable as unknown as PromiseLike<string>)).toBe('a thenable')
  })

  it('within() rejects with a DeadlineError, or with the error that the caller makes, when time is up', async () => {
    await expect(within(5, never)).rejects.toThrow(new DeadlineError('No answer within 5 ms.'))
    await expect(within(5, never, () => new TypeError('too late'))).rejects.toThrow(new TypeError('too late'))
  })

  it('within() leaves no unhandled rejection when the work fails after its deadline', async () => {
    let fail: (error: Error) => void = () => undefined
    const work = new Promise<never>((_, reject) => { fail = reject })
    await expect(within(5, work)).rejects.toThrow(DeadlineError)
    // Jest fails a test file with an unhandled rejection.
    fail(new Error('late'))
    await new Promise((resolve) => { setImmediate(resolve) })
  })

  it('deadlines of one length end in the order in which they began, each after its own time', async () => {
    const began = performance.now()
    const ended: string[] = []
    const late = (name: string) => within(40, never).catch(() => { ended.push(`${name} ${performance.now() - began >= 39}`) })
    const first = late('first')
    const done = within(40, new Promise((resolve) => { setTimeout(resolve, 10) }))
    await done
    const second = late('second')
    await first
    expect(ended).toEqual(['first true'])
    await second
    expect(performance.now() - began).toBeGreaterThanOrEqual(48)
    expect(ended).toEqual(['first true', 'second true'])
  })

  it('deadlines of different lengths are kept apart', async () => {
    const ended: number[] = []
    const late = (limit: number) => within(limit, never).catch(() => { ended.push(limit) })
    await Promise.all([late(30), late(10), late(20)])
    expect(ended).toEqual([10, 20, 30])
  })

  it('any number of deadlines of one length costs one timer', async () => {
    const started = jest.spyOn(globalThis, 'setTimeout')
    await Promise.all(Array.from({ length: 100 }, () => within(100_000, Promise.resolve())))
    for (let index = 0; index < 100; index += 1) await within(100_000, Promise.resolve())
    expect(started).toHaveBeenCalledTimes(1)
    started.mockRestore()
  })

  it('deadlines of one length cost one timer when their end has a rounding error', async () => {
    const began = ROUNDS_UP
    expect(began + 100_001 - began).toBeGreaterThan(100_001)
    const clock = jest.spyOn(performance, 'now').mockReturnValue(began)
    const started = jest.spyOn(globalThis, 'setTimeout')
    await within(100_001, Promise.resolve())
    clock.mockReturnValue(began + 0.1)
    await within(100_001, Promise.resolve())
    expect(started).toHaveBeenCalledTimes(1)
    started.mockRestore()
    clock.mockRestore()
  })

  it('within() waits as long as it should when that is more than a timer of Node holds', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation()
    const work = within(2 ** 32, new Promise((resolve) => { setTimeout(resolve, 20, 'done') }))
    expect(await work).toBe('done')
    expect(warned).not.toHaveBeenCalled()
    warned.mockRestore()
  })

  it('within() works on after a test has put its own clock in the place of the clock of the process', async () => {
    const limit = 77
    await within(limit, Promise.resolve())
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] })
    const faked = expect(within(limit, never)).rejects.toThrow(DeadlineError)
    await jest.advanceTimersByTimeAsync(limit)
    await faked
    await within(limit, Promise.resolve())
    jest.useRealTimers()
    await expect(within(limit, never)).rejects.toThrow(DeadlineError)
  })

  it('within() reads an answer that waits in the socket after a busy moment, before the deadline counts', async () => {
    const server = createServer((socket) => { socket.write('answer') }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const answer = once(socket, 'data').then(([data]) => String(data))
    // The server has sent it before the process is busy, and it has not been read then.
    await once(server, 'connection')
    const work = within(30, answer)
    busyFor(60)
    expect(await work).toBe('answer')
    socket.destroy()
    server.close()
  })
})

describe('withDeadline', () => {
  it('withDeadline() gives the work a signal, and aborts it when time is up', async () => {
    let given: AbortSignal | undefined
    const work = withDeadline(5, (signal) => {
      given = signal
      return new Promise((_, reject) => { signal.addEventListener('abort', () => { reject(new Error('aborted')) }) })
    })
    await expect(work).rejects.toThrow(DeadlineError)
    expect(given?.aborted).toBe(true)
  })

  it('withDeadline() rejects when the work throws at once', async () => {
    await expect(withDeadline(1000, () => { throw new RangeError('at once') })).rejects.toThrow(RangeError)
  })

  it('withDeadline() tells a listener of the signal in the context of its own request', async () => {
    const request = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const late = (name: string) => request.run(name, () => withDeadline(15, (signal) => {
      signal.addEventListener('abort', () => { seen.push(request.getStore()) })
      return never
    }).catch(() => undefined))
    await Promise.all([late('one'), late('another')])
    expect(seen).toEqual(['one', 'another'])
  })
})

describe('A process', () => {
  const run = (script: string) => {
    const source = transformSync(readFileSync(join(__dirname, '../src/deadline.ts'), 'utf8'), { loader: 'ts', format: 'esm' }).code
    const began = performance.now()
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-'], { input: `${source}\n${script}`, encoding: 'utf8' })
    return { status, stdout, stderr, took: performance.now() - began }
  }

  it('a process ends when its work is done, and not when the deadline would have been', () => {
    const { status, stdout, took } = run('console.log(await within(20_000, new Promise((resolve) => setTimeout(resolve, 20, "done"))))')
    expect([status, stdout]).toEqual([0, 'done\n'])
    expect(took).toBeLessThan(15_000)
  })

  it('a process waits for a deadline when nothing else keeps it', () => {
    const { stdout } = run('await within(1000, Promise.resolve()); await within(1000, new Promise(() => {})).catch((error) => console.log(error.name))')
    expect(stdout).toBe('DeadlineError\n')
  })
})

describe('A signal that work may ask for', () => {
  it('a signal that work may ask for is made when it is first asked for, and is the same from then on', async () => {
    const { AbortController } = globalThis
    const made = jest.fn(() => new AbortController())
    globalThis.AbortController = made as never
    expect(await withSignal(1000, () => 'no signal')).toBe('no signal')
    expect(made).not.toHaveBeenCalled()
    expect(await withSignal(1000, (stoppable) => stoppable.signal === stoppable.signal)).toBe(true)
    expect(made).toHaveBeenCalledTimes(1)
    globalThis.AbortController = AbortController
  })

  it('a signal that work may ask for is aborted when the work is late, also if it is asked for only then', async () => {
    let asked: { readonly signal: AbortSignal } | undefined
    const early = withSignal(5, async (stoppable) => {
      asked = stoppable
      await new Promise((resolve) => { stoppable.signal.addEventListener('abort', resolve) })
      return 'stopped'
    })
    await expect(early).rejects.toThrow(DeadlineError)
    expect(asked?.signal.aborted).toBe(true)
    const late = withSignal(5, (stoppable) => {
      asked = stoppable
      return new Promise(() => undefined)
    })
    await expect(late).rejects.toThrow(DeadlineError)
    expect(asked!.signal.aborted).toBe(true)
  })
})
