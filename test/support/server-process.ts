import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './redis.js'

/** A database server of the test's own, on loopback, in a folder that is removed afterwards. */
export interface DatabaseServer {
  readonly url: string
  readonly port: number
  /** Ends the process at once, as a crash would. */
  stop(): Promise<void>
  /** Starts it again on the same port, with what it has kept. */
  restart(): Promise<void>
  /** Stops its processes where they are, so that it is silent, or lets them go on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Ends it and removes its folder. */
  close(): Promise<void>
}

interface Kind {
  readonly name: string
  readonly url: (port: number) => string
  /** Makes the files of an empty server. */
  readonly prepare: (folder: string, run: (command: string, args: string[]) => void) => void
  readonly command: (folder: string, port: number) => readonly [command: string, args: string[]]
  /** The signal that ends it as a crash would. */
  readonly crash: NodeJS.Signals
  /** Resolves when it takes connections. */
  readonly answers: (port: number) => Promise<unknown>
}

/** Servers refuse to run as root: then they run as the user of the system who may do nothing. */
function unprivileged(): { uid: number, gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}

/** Starts it on a free port, and waits until it answers. */
export async function startDatabaseServer(kind: Kind): Promise<DatabaseServer> {
  const user = unprivileged()
  const folder = mkdtempSync(join(tmpdir(), `${kind.name}-`))
  if (user) chownSync(folder, user.uid, user.gid)
  kind.prepare(folder, (command, args) => {
    const { status, stderr } = spawnSync(command, args, { ...user, cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${command} failed: ${stderr}`)
  })
  const port = await freePort()
  let running = await start(kind, { folder, port, user })
  const stop = async () => {
    running.child.kill('SIGCONT')
    running.child.kill(kind.crash)
    await running.ended
  }
  return {
    url: kind.url(port),
    port,
    stop,
    restart: async () => { running = await start(kind, { folder, port, user }) },
    signal: (name) => {
      for (const pid of [running.child.pid!, ...childrenOf(running.child.pid!)]) process.kill(pid, name)
    },
    close: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const childrenOf = (pid: number): number[] =>
  spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean).map(Number)

interface Place { readonly folder: string, readonly port: number, readonly user: { uid: number, gid: number } | undefined }

async function start(kind: Kind, { folder, port, user }: Place): Promise<{ child: ChildProcess, ended: Promise<void> }> {
  const [command, args] = kind.command(folder, port)
  const child = spawn(command, args, { ...user, cwd: folder, stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  for (let tries = 0; tries < 1200; tries += 1) {
    if (child.exitCode !== null) throw new Error(`${kind.name} ended as soon as it had started.`)
    try {
      await kind.answers(port)
      return { child, ended }
    } catch {
      await sleep(50)
    }
  }
  throw new Error(`${kind.name} did not answer within a minute.`)
}

/** Debian keeps the programs of PostgreSQL in a folder of their version. */
export function programOf(name: string, folders: readonly string[]): string | undefined {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').sort().reverse() : []
  const all = [...folders, ...versions.map((version) => `/usr/lib/postgresql/${version}/bin`), '/usr/bin', '/usr/sbin', '/usr/local/bin']
  return all.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
