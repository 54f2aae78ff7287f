import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const main = file('../../dist/main.js')

// What jest has for its own processes (`setupFiles`).
const setup = ['cheap-crypto', 'patient-servers'].map((name) => {
  const { code } = transformSync(readFileSync(file(`../../../test/support/${name}.ts`), 'utf8'), { loader: 'ts' })
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`]
})
const args = [...setup.flat(), main]

export interface Exit { code: number | null, signal: NodeJS.Signals | null, output: string }

/** A process of the app, as `npm start` runs it. */
export interface ServerProcess {
  url: string
  output(): string
  isRunning(): boolean
  end(signal: NodeJS.Signals): Promise<Exit>
}

function run(env: NodeJS.ProcessEnv) {
  const { PATH, TEST_KEYS } = process.env
  const child = spawn(process.execPath, args, { env: { PATH, PORT: '0', ...TEST_KEYS === undefined ? {} : { TEST_KEYS }, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
  const exit = new Promise<Exit>((resolve) => child.once('close', (code, signal) => resolve({ code, signal, output })))
  return { child, exit, output: () => output }
}

const started = new Set<ChildProcess>()
export const endServers = (): void => started.forEach((child) => child.kill('SIGKILL'))

/** Resolves when the process has printed its URL. */
export async function startServer(env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
  const { child, exit, output } = run(env)
  started.add(child)
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const found = /Acme is at (\S+)/.exec(output())
      if (found) resolve(found[1]!.replace('localhost', '127.0.0.1'))
    }
    child.stdout.on('data', look)
    void exit.then(({ output: said }) => reject(new Error(`The app ended:\n${said}`)))
  })
  return {
    url,
    output,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    end: async (signal) => {
      child.kill(signal)
      return exit
    },
  }
}

/** For starts that fail: resolves when the process has ended. */
export const runServer = async (env: NodeJS.ProcessEnv): Promise<Exit> => run(env).exit
