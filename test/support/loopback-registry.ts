import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

interface Manifest { readonly name: string, readonly version: string, readonly dist?: object, readonly [key: string]: unknown }

/** What was published here. `access`: as it was asked for. */
export interface Published { readonly manifest: Manifest, readonly tarball: Buffer, readonly access: string | undefined, readonly tags: readonly string[] }

export interface LoopbackRegistry {
  readonly url: string
  readonly published: ReadonlyMap<string, Published>
  close(): Promise<void>
}

interface PublishBody {
  readonly name: string
  readonly access?: string
  readonly 'dist-tags': Readonly<Record<string, string>>
  readonly versions: Readonly<Record<string, Manifest>>
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>
}

const root = join(__dirname, '../..')

/** Where each package that the lock file names lies in this checkout, once for each of its versions. */
function installed(): Map<string, Map<string, string>> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version?: string }> }
  const found = new Map<string, Map<string, string>>()
  for (const [path, { version }] of Object.entries(packages)) {
    const [, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? []
    if (name === undefined || version === undefined || !existsSync(join(root, path, 'package.json'))) continue
    found.set(name, (found.get(name) ?? new Map<string, string>()).set(version, join(root, path)))
  }
  return found
}

/**
 * A registry of packages on loopback. It takes what is published, and gives it back; any other package it gives as it
 * is installed here, so that an install needs no network.
 */
export async function startLoopbackRegistry(): Promise<LoopbackRegistry> {
  const published = new Map<string, Published>()
  const others = installed()
  const packed = new Map<string, Buffer>()

  /** As npm packs a folder: below `package/`, without what is installed within it. */
  const pack = (folder: string): Buffer => {
    const known = packed.get(folder)
      ?? execFileSync('tar', ['-cz', '--exclude', './node_modules', '--transform', 's,^\\.,package,', '-C', folder, '.'], { maxBuffer: 1e9 })
    packed.set(folder, known)
    return known
  }

  const tarballOf = (name: string, version: string): Buffer | undefined => {
    const ours = published.get(name)
    if (ours) return ours.manifest.version === version ? ours.tarball : undefined
    const folder = others.get(name)?.get(version)
    return folder === undefined ? undefined : pack(folder)
  }

  const manifestsOf = (name: string): Manifest[] => {
    const ours = published.get(name)
    if (ours) return [ours.manifest]
    return [...others.get(name)?.values() ?? []].map((folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest)
  }

  const packument = (name: string, url: string): object | undefined => {
    const manifests = manifestsOf(name).map((manifest) => ({
      ...manifest,
      dist: { tarball: `${url}/${name}/-/${manifest.version}.tgz`, integrity: `sha512-${createHash('sha512').update(tarballOf(name, manifest.version)!).digest('base64')}` },
    }))
    const [latest] = manifests
    return latest && { name, 'dist-tags': { latest: latest.version }, versions: Object.fromEntries(manifests.map((one) => [one.version, one])) }
  }

  const take = async (req: IncomingMessage): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const { name, access, versions, _attachments, 'dist-tags': tags } = JSON.parse(Buffer.concat(chunks).toString()) as PublishBody
    const [manifest, attachment] = [Object.values(versions)[0]!, Object.values(_attachments)[0]!]
    published.set(name, { manifest, tarball: Buffer.from(attachment.data, 'base64'), access, tags: Object.keys(tags) })
  }

  const answer = async (req: IncomingMessage, res: ServerResponse, url: string): Promise<void> => {
    const path = decodeURIComponent(new URL(req.url ?? '/', url).pathname).slice(1)
    const json = (status: number, body: object) => res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
    if (req.method === 'PUT' && !path.startsWith('-/')) return void take(req).then(() => json(201, { ok: true }), (error: unknown) => json(400, { error: String(error) }))
    const [, name = '', version = ''] = /^((?:@[^/]+\/)?[^/]+)\/-\/(.+)\.tgz$/.exec(path) ?? []
    const tarball = name === '' ? undefined : tarballOf(name, version)
    if (tarball) return void res.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(tarball)
    const found = packument(path, url)
    json(found ? 200 : 404, found ?? { error: 'not found' })
  }

  const server = createServer((req, res) => { void answer(req, res, `http://${req.headers.host}`) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    published,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The file of a published tarball, as text. */
export function fileIn({ tarball }: Published, path: string): string {
  return execFileSync('tar', ['-xzO', '-f', '-', `package/${path}`], { input: tarball, encoding: 'utf8', maxBuffer: 1e9 })
}

export const filesIn = ({ tarball }: Published): string[] =>
  execFileSync('tar', ['-tzf', '-'], { input: tarball, encoding: 'utf8' }).trim().split('\n').map((path) => path.replace(/^package\//, ''))
