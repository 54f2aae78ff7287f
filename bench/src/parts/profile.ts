import type { Profiler } from 'node:inspector'
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from '../lib/children.js'
import { logInMany, strangers } from '../lib/logging-in.js'
import { row, title } from '../lib/print.js'
import { placeAt, removePlace, type RedisPlace } from '../lib/redis-server.js'

const logins = 800
const longest = 45

/**
 * Where the processor time of a login goes, by source file and by function, as V8's sampling profiler sees the main
 * thread.
 */
export async function benchProfile(redisUrl: string | undefined): Promise<void> {
  await profileOf('in memory', undefined)
  if (redisUrl === undefined) return console.log('\nProfile on Redis: skipped (no REDIS_URL and no redis-server)')
  const redis = placeAt(redisUrl)
  await profileOf('on Redis', redis)
  await removePlace(redis)
}

async function profileOf(where: string, redis: RedisPlace | undefined): Promise<void> {
  const child = await Child.start('multistep', { redis })
  const next = strangers()
  await logInMany(child, next(logins))
  await child.ask('profile')
  const seconds = await child.seconds(() => logInMany(child, next(logins)))
  const profile = await child.ask<Profiler.Profile>('profiled')
  await child.stop()

  // Samples are taken by the clock, while other processes take their share: they are scaled to the processor time that
  // was measured.
  const busy = [...ticksOf(profile)].filter(([{ callFrame }]) => callFrame.functionName !== '(idle)')
  const scale = seconds * 1e6 / logins / busy.reduce((sum, [, ticks]) => sum + ticks, 0)
  const own = new Map<string, number>()
  const whole = new Map<string, number>()
  const functions = new Map<string, number>()
  const parents = parentsOf(profile)
  for (const [node, ticks] of busy) {
    const micros = ticks * scale
    const { file, name } = placeOf(node)
    add(own, file, micros)
    add(whole, callerWithin(node, parents), micros)
    add(functions, `${name}  ${file}`, micros)
  }
  const total = Math.round(seconds * 1e6 / logins)
  title(`A login ${where}, ${total} µs: by the file that takes or causes the time`, 'µs', 'own')
  for (const [file, micros] of largest(whole)) row(file, Math.round(micros), Math.round(own.get(file) ?? 0))
  title(`A login ${where}: own time by file`, 'µs')
  for (const [file, micros] of largest(own)) row(file, micros.toFixed(1))
  title(`A login ${where}: own time by function`, 'µs')
  for (const [name, micros] of largest(functions)) row(name, micros.toFixed(1))
}

type Node = Profiler.ProfileNode

/** How often each function was found running. */
function ticksOf(profile: Profiler.Profile): Map<Node, number> {
  return new Map(profile.nodes.map((node) => [node, node.hitCount ?? 0]))
}

function parentsOf({ nodes }: Profiler.Profile): Map<Node, Node> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  return new Map(nodes.flatMap((node) => (node.children ?? []).map((id) => [byId.get(id)!, node] as const)))
}

/** The nearest file of our own packages among the callers; else the file itself. */
function callerWithin(node: Node, parents: ReadonlyMap<Node, Node>): string {
  for (let at: Node | undefined = node; at !== undefined; at = parents.get(at)) {
    const { file } = placeOf(at)
    if (file.startsWith('packages/')) return file
  }
  return `(elsewhere) ${placeOf(node).file.replace(/(node_modules\/(?:@[^/]+\/)?[^/]+).*/, '$1')}`
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const maps = new Map<string, SourceMap | undefined>()
const places = new Map<Node, { file: string, name: string }>()

function placeOf(node: Node): { file: string, name: string } {
  const known = places.get(node) ?? found(node)
  places.set(node, known)
  return known
}

function found({ callFrame: { url, functionName, lineNumber, columnNumber } }: Node): { file: string, name: string } {
  if (url === '') return { file: functionName.startsWith('(') ? functionName : '(native)', name: functionName }
  if (!url.startsWith('file:')) return { file: url, name: functionName }
  const built = fileURLToPath(url)
  const entry = mapOf(built)?.findEntry(lineNumber, columnNumber)
  const source = entry && 'originalSource' in entry ? new URL(entry.originalSource, url) : new URL(url)
  const file = relative(root, fileURLToPath(source))
  const line = entry && 'originalLine' in entry ? entry.originalLine + 1 : lineNumber + 1
  return { file, name: `${functionName || 'anonymous'}:${line}` }
}

function mapOf(file: string): SourceMap | undefined {
  if (!maps.has(file)) {
    const beside = `${file}.map`
    const payload = existsSync(beside) && JSON.parse(readFileSync(beside, 'utf8')) as SourceMapPayload
    maps.set(file, payload ? new SourceMap(payload) : undefined)
  }
  return maps.get(file)
}

function add(sums: Map<string, number>, key: string, more: number): void {
  sums.set(key, (sums.get(key) ?? 0) + more)
}

const largest = (sums: ReadonlyMap<string, number>): [string, number][] =>
  [...sums].sort(([, left], [, right]) => right - left).slice(0, longest)
