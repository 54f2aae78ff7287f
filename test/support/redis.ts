import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'

/** A `redis-server` of the test's own, on loopback; data is kept nowhere. */
export interface RedisServer {
  url: string
  port: number
  /** Ends the process at once, as a crash would. */
  stop(): Promise<void>
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>
  /** Ends it and removes its folder. */
  close(): Promise<void>
}

export const hasRedisServer = (): boolean => spawnSync('redis-server', ['--version']).status === 0

/** Starts a `redis-server` on a free loopback port and waits until it answers. */
export async function startRedisServer(...args: string[]): Promise<RedisServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'redis-'))
  let child: ChildProcess

  const start = async () => {
    child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, ...args], {
      stdio: 'ignore',
    })
    await answers(port)
  }
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop,
    restart: start,
    close: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function answers(port: number): Promise<void> {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: (tries) => (tries < 200 ? 20 : false) } })
  client.on('error', () => undefined)
  await client.connect()
  await client.ping()
  await client.close()
}

/**
 * The Redis that tests share: `REDIS_URL` if set, else one the test run started (`global-setup.ts`), else none.
 * Every test keeps to a key prefix of its own and never flushes.
 */
export const sharedRedisUrl = (): string | undefined => process.env.REDIS_TEST_URL

/** `describe`, skipped with the reason in its title where there is no Redis. Under `CI=true` the run fails instead, at set-up. */
export const describeWithRedis: (title: string, body: () => void) => void = (title, body) => {
  if (sharedRedisUrl()) describe(title, body)
  else describe.skip(`${title} (skipped: no REDIS_URL, and no redis-server on this machine)`, body)
}
