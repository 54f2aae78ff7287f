// The parts of the bench, in turns. Every figure of speed is a ratio of sides that ran in turns, each in a process of
// its own: absolute rates of a shared machine mean little. Counts are the same on any machine. Traffic stays on
// loopback, and every loop is counted.
import { summary } from './lib/print.js'
import { redisServer } from './lib/redis-server.js'
import { benchAllocations } from './parts/allocations.js'
import { benchCommands } from './parts/commands.js'
import { benchCrowds } from './parts/crowds.js'
import { benchDatabases } from './parts/databases.js'
import { benchGuards } from './parts/guards.js'
import { benchImports } from './parts/imports.js'
import { benchLogins, benchPeers } from './parts/logins.js'
import { benchMobileConnect } from './parts/mobile-connect.js'
import { benchProfile } from './parts/profile.js'
import { benchSizes } from './parts/sizes.js'
import { benchStarts } from './parts/starts.js'
import { benchSteps } from './parts/steps.js'
import { benchVerifies } from './parts/verifies.js'

type Part = (redisUrl: string | undefined) => Promise<void> | void

const parts: Readonly<Record<string, Part>> = {
  logins: benchLogins,
  peers: benchPeers,
  guards: benchGuards,
  verify: benchVerifies,
  databases: benchDatabases,
  commands: benchCommands,
  steps: benchSteps,
  allocations: benchAllocations,
  'mobile-connect': benchMobileConnect,
  imports: benchImports,
  starts: benchStarts,
  sizes: benchSizes,
  crowds: benchCrowds,
}

/** Parts that run only when they are named. */
const onlyNamed: Readonly<Record<string, Part>> = {
  profile: benchProfile,
}

const named = process.argv.slice(2)
const known = { ...parts, ...onlyNamed }
const unknown = named.find((name) => !(name in known))

if (unknown !== undefined) {
  console.error(`There is no part '${unknown}'. The parts are ${Object.keys(known).join(', ')}.`)
  process.exitCode = 2
} else {
  const redis = await redisServer()
  try {
    for (const name of named.length > 0 ? named : Object.keys(parts)) await known[name]?.(redis.url)
    summary()
  } finally {
    redis.close()
  }
}
