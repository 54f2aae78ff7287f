import { randomBytes } from 'node:crypto'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { connected, removeAll } from './redis-commands.js'

/** Where one side keeps what it keeps: all of its keys begin with the prefix. */
export interface RedisPlace {
  readonly url: string
  readonly prefix: string
  /** The server is a node of a cluster. */
  readonly cluster?: boolean
}

export const placeAt = (url: string): RedisPlace => ({ url, prefix: `bench:${randomBytes(6).toString('hex')}:` })

/** Takes away what was kept there. */
export async function removePlace({ url, prefix }: RedisPlace): Promise<void> {
  const client = await connected(createClient({ url }))
  await removeAll(client, prefix)
  await client.close()
}

/** `REDIS_URL`, else a `redis-server` of this run's own on a free loopback port with these flags, else nothing. */
export async function redisServer(...more: readonly string[]): Promise<{ url: string | undefined, close: () => void }> {
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, close: () => undefined }
  if (spawnSync('redis-server', ['--version']).status !== 0) return { url: undefined, close: () => undefined }
  const folder = mkdtempSync(join(tmpdir(), 'bench-redis-'))
  const port = await freePort()
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...more]
  const child = spawn('redis-server', flags, { stdio: 'ignore' })
  const url = `redis://127.0.0.1:${port}`
  const client = createClient({ url, socket: { reconnectStrategy: (tries) => (tries < 200 ? 20 : false) } })
  client.on('error', () => undefined)
  await client.connect()
  await client.close()
  return {
    url,
    close: () => {
      child.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
