import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { freePort, startRedisServer } from './redis.js'

/** A primary of the name `main` on loopback, and the sentinel that knows it. */
export async function startRedisSentinel() {
  const server = await startRedisServer()
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-'))
  const file = join(folder, 'sentinel.conf')
  writeFileSync(file, `port ${port}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor main 127.0.0.1 ${server.port} 1\n`)
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: (tries) => (tries < 500 ? 20 : false) } })
  client.on('error', () => undefined)
  await client.connect()
  client.destroy()
  return {
    port,
    close: async () => {
      child.kill('SIGKILL')
      await ended
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
