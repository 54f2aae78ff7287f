import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { reply, type Reply } from './internet.js'

const folder = join(__dirname, '../fixtures')

/** A published file, word by word. */
export const publishedText = (name: string): string => readFileSync(join(folder, name), 'utf8')

/** The published file, as it is. */
export const published = (name: string): any => JSON.parse(publishedText(name))

/** Every published file that was copied here, by its path. */
export const publishedNames = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(json|yaml)$/.test(name)).sort()

export interface Answered {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: unknown
  readonly rawBody?: string
}

/** An answer with the status, the headers and the body of a published one. */
export const replay = ({ status, headers, body, rawBody }: Answered): Reply => reply(status, rawBody ?? JSON.stringify(body), { 'content-type': 'application/json', ...headers })

/** The same, with `https:` for every `http:`: what its authors would have to publish today. */
export const overTls = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('http://', 'https://')) as T
