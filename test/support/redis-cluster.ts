import { createClient, createCluster } from 'redis'
import { describeWithRedisServer, freePort, startRedisServer, type RedisServer } from './redis.js'

const ranges = [[0, 5460], [5461, 10922], [10923, 16383]] as const

/** `describe` for tests on a cluster of their own. `npm run test:quick` skips them. */
export const describeWithRedisCluster: typeof describeWithRedisServer = (title, body) => {
  if (process.env.TEST_WITHOUT_CLUSTERS === 'true') describe.skip(`${title} (skipped: a quick run)`, body)
  else describeWithRedisServer(title, body)
}

/** A cluster of three primaries on loopback, and a client of it. */
export async function startRedisCluster() {
  const nodes = await Promise.all(ranges.map(() => startNode()))
  const clients = await Promise.all(nodes.map(({ server }) => createClient({ url: server.url }).connect()))
  for (const [index, client] of clients.entries()) {
    await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', ...ranges[index]!.map(String)])
    await client.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1)])
  }
  for (const { server, bus } of nodes.slice(1)) await clients[0]!.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', String(server.port), String(bus)])
  for (const client of clients) await untilWhole(client)

  const cluster = await createCluster({ rootNodes: nodes.map(({ server }) => ({ url: server.url })) }).connect()
  return {
    cluster,
    clients,
    close: async () => {
      cluster.destroy()
      for (const client of clients) client.destroy()
      await Promise.all(nodes.map(({ server }) => server.close()))
    },
  }
}

// The bus has a port of its own here: by default it is the node's port plus 10 000, which may be none.
async function startNode(): Promise<{ server: RedisServer, bus: number }> {
  let bus = 0
  const server = await startRedisServer(async () => {
    bus = await freePort()
    return ['--cluster-enabled', 'yes', '--cluster-port', String(bus)]
  })
  return { bus, server }
}

async function untilWhole(client: { sendCommand(args: string[]): Promise<unknown> }): Promise<void> {
  for (;;) {
    const info = String(await client.sendCommand(['CLUSTER', 'INFO']))
    if (info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3')) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
