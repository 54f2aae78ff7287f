#!/usr/bin/env node
import { announcement, help, optionsOf } from './command-line.js'
import { runSimulator } from './simulator.js'

async function run(args: readonly string[]): Promise<void> {
  const options = optionsOf(args)
  if (options === 'help') return void process.stdout.write(help)
  const simulator = await runSimulator(options)
  process.stdout.write(announcement(simulator))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close())
}

run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
