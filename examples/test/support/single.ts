import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Browser } from '../../../packages/passport-mobileconnect/test/support/browser.js'

const root = join(__dirname, '../../..')

/** An example in a process of its own, as a reader runs it, on a free port. */
export const startExample = (name: string, env: Record<string, string> = {}) => startProgram(['scripts/example.mjs', name], env)

/** A program that prints its address and texts, on a free port. */
export async function startProgram(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root, env: { ...process.env, NODE_ENV: 'development', PORT: '0', SPA_PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  let complained = ''
  child.stdout.on('data', (chunk: Buffer) => { printed += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { complained += chunk.toString() })
  await untilPrinted(child, () => /http:\/\/localhost:\d+\S*\n/.test(printed), () => `${args.join(' ')} did not start:\n${printed}${complained}`)
  const address = [...printed.matchAll(/http:\/\/localhost:\d+/g)].at(-1)![0]
  const browser = new Browser()

  /** One request in JSON; status and body. */
  const ask = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await browser.request(new URL(path, address).href, {
      method,
      headers: { accept: 'application/json', ...body && { 'content-type': 'application/json' }, ...headers },
      ...body && { body: JSON.stringify(body) },
    })
    const text = await response.text()
    return { status: response.status, text, body: response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined, location: response.headers.get('location'), retryAfter: response.headers.get('retry-after') }
  }

  return {
    address, browser, ask,
    printed: () => printed,
    /** The code of the last text. */
    code: async () => {
      await untilPrinted(child, () => /#\d{6}\n/.test(printed), () => `${args.join(' ')} texted nothing:\n${printed}`)
      return [...printed.matchAll(/#(\d{6})\n/g)].at(-1)![1]!
    },
    stop: async () => {
      if (child.exitCode !== null || !child.kill('SIGTERM')) return
      await once(child, 'exit')
    },
  }
}

async function untilPrinted(child: ChildProcess, holds: () => boolean, complaint: () => string): Promise<void> {
  while (!holds()) {
    if (child.exitCode !== null) throw new Error(complaint())
    await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])
  }
}

export const listExamples = () => spawnSync(process.execPath, [join(root, 'scripts/example.mjs')], { encoding: 'utf8' }).stdout
