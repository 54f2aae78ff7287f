import type { createClient } from 'redis'

export type Connected = ReturnType<typeof createClient>

/** Sees every command that reaches the server; what a script runs inside it is part of the one command. */
export class Commands {
  private readonly client: Connected
  private readonly monitor: Connected
  private seen: string[] = []
  private marks = 0

  private constructor(client: Connected, monitor: Connected) {
    this.client = client
    this.monitor = monitor
  }

  static async of(client: Connected): Promise<Commands> {
    const monitor = client.duplicate()
    monitor.on('error', () => undefined)
    await monitor.connect()
    const commands = new Commands(client, monitor)
    await monitor.monitor((line) => { if (!line.includes(' lua] ')) commands.seen.push(line) })
    return commands
  }

  /** Their names, in order. All of them came over the one connection of `client`, so that an echo marks the end. */
  async during(work: () => Promise<unknown>): Promise<string[]> {
    this.marks += 1
    const mark = `the end of ${this.marks}`
    this.seen = []
    await work()
    await this.client.echo(mark)
    while (!this.seen.some((line) => line.includes(mark))) await new Promise((resolve) => setImmediate(resolve))
    const lines = this.seen.filter((line) => !line.includes(mark))
    return lines.map((line) => /"(\w+)"/.exec(line)?.[1]?.toUpperCase() ?? '?')
  }

  close(): void {
    this.monitor.destroy()
  }
}

/** A client that tells of its errors and does not die of them. */
export async function connected(client: Connected): Promise<Connected> {
  client.on('error', (error: Error) => console.error(`redis: ${error.message}`))
  await client.connect()
  return client
}

export async function removeAll(client: Connected, prefix: string): Promise<void> {
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    if (keys.length > 0) await client.unlink(keys)
  }
}
