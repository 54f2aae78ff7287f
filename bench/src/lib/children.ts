import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { ProgramOptions } from './child.js'

/**
 * A program of `programs/` in a process of its own, so that its processor time is its alone: neither the client's nor
 * another side's work is in it. It ends when it is told to, or with this process.
 */
export class Child {
  private readonly child: ChildProcess
  private readonly waiting = new Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>()
  private asked = 0

  private constructor(child: ChildProcess, program: string) {
    this.child = child
    child.on('message', ({ id, value, error }: { id: number, value?: unknown, error?: string }) => {
      const { resolve, reject } = this.waiting.get(id) ?? {}
      this.waiting.delete(id)
      if (error === undefined) resolve?.(value)
      else reject?.(new Error(`${program}: ${error}`))
    })
    child.on('exit', (code) => {
      this.waiting.forEach(({ reject }) => reject(new Error(`${program} ended with code ${code}.`)))
      this.waiting.clear()
    })
  }

  static async start(program: string, options: ProgramOptions = {}, flags: readonly string[] = []): Promise<Child> {
    const file = join(import.meta.dirname, '../programs', `${program}.js`)
    const child = fork(file, [JSON.stringify(options)], { execArgv: ['--disable-warning=MULTISTEP_POLICY', ...flags] })
    const [first] = await Promise.race([once(child, 'message'), once(child, 'exit')]) as [unknown]
    if (first !== 'ready') throw new Error(`${program} did not start.`)
    return new Child(child, program)
  }

  ask<Answer = void>(question: string, argument?: unknown): Promise<Answer> {
    this.asked += 1
    const id = this.asked
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      this.child.send({ id, question, argument })
    })
  }

  /** Seconds of processor time that the program took during some work. */
  async seconds(work: () => Promise<unknown>): Promise<number> {
    const before = await this.ask<number>('cpu')
    await work()
    return (await this.ask<number>('cpu') - before) / 1e6
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit')
    this.child.disconnect()
    await ended
  }
}
