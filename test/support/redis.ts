import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
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

/** Starts a `redis-server` on a free loopback port and waits until it answers. `argsNow` gives more arguments, anew for each port that is tried. */
export async function startRedisServer(argsNow: () => Promise<string[]> = async () => []): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-'))
  const start = async (port: number) => {
    const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, ...await argsNow()], {
      stdio: 'ignore',
    })
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const running = await Promise.race([answers(port, child.pid).then(() => true), ended.then(() => false)])
    return running ? { child, ended } : undefined
  }
  const begun = await onFreePort(start)
  const { port } = begun
  let { running } = begun
  const stop = async () => {
    running.child.kill('SIGKILL')
    await running.ended
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop,
    restart: async () => {
      const again = await start(port)
      if (!again) throw new Error(`redis-server did not come back on port ${port}.`)
      running = again
    },
    close: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Running { child: ChildProcess, ended: Promise<void> }

/** A port that was free a moment ago may be taken: then another one. */
async function onFreePort(start: (port: number) => Promise<Running | undefined>): Promise<{ port: number, running: Running }> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const port = await freePort()
    const running = await start(port)
    if (running) return { port, running }
  }
  throw new Error('redis-server did not start on any of five free ports.')
}

/** A port below those that systems give to outgoing connections: none of these takes it while a server that had it is away. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)))
    await new Promise((resolve) => server.close(resolve))
    if (isFree) return port
  }
}

/** Resolves when this very process answers: where the port was taken meanwhile, that may be the server of another test. */
async function answers(port: number, pid: number | undefined): Promise<void> {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: (tries) => (tries < 3000 ? 20 : false) } })
  client.on('error', () => undefined)
  try {
    await client.connect()
    if (!(await client.info('server')).includes(`process_id:${pid}\r`)) throw new Error('Another server has this port.')
    await client.close()
  } catch {
    if (client.isOpen) client.destroy()
    // The server ended, or will, which its `exit` tells.
    await new Promise(() => undefined)
  }
}

/**
 * The Redis that tests share: `REDIS_URL` if set, else one the test run started (`global-setup.ts`), else none.
 * Every test keeps to a key prefix of its own and never flushes.
 */
export const sharedRedisUrl = (): string | undefined => process.env.REDIS_TEST_URL

const skipped = (title: string, reason: string, body: () => void) => describe.skip(`${title} (skipped: ${reason})`, body)

/** `describe`, skipped with the reason in its title where there is no Redis. Under `CI=true` the run fails instead, at set-up. */
export const describeWithRedis: (title: string, body: () => void) => void = (title, body) => {
  if (sharedRedisUrl()) describe(title, body)
  else skipped(title, 'no REDIS_URL, and no redis-server on this machine', body)
}

/** The same for tests that start and stop a server of their own. */
export const describeWithRedisServer: typeof describeWithRedis = (title, body) => {
  if (hasRedisServer()) describe(title, body)
  else skipped(title, 'no redis-server on this machine', body)
}
