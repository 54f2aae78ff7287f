import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { assetsFor } from '../../src/pages/assets/assets.js'
import { contentSecurityPolicy } from '../../src/pages/content-security-policy.js'

export interface Post {
  path: string
  fields: Record<string, string>
}

/** The logo of an app: a square with round corners. */
const logo = '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"><rect width="32" height="32" rx="8" fill="#0a7"/></svg>'

/** An answer in JSON. */
export interface Answer {
  status?: number
  retryAfter?: number
  body: object
}

/**
 * A loopback site of whole pages by path. It remembers what was posted, and answers a post with a plain page, with 303 to `redirects[path]`, or with
 * the next of `answers[path]`. A path of `leadsNowhere` is answered by 204: the browser stays where it is.
 */
export async function servePages() {
  const pages: Record<string, string> = {}
  const redirects: Record<string, string> = {}
  const posts: Post[] = []
  const answers: Record<string, Answer[]> = {}
  const leadsNowhere = new Set<string>()

  const read = async (req: IncomingMessage) => {
    posts.push({ path: req.url!, fields: Object.fromEntries(new URLSearchParams(await text(req))) })
  }
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const path = req.url!
    if (path === '/logo.svg') return void res.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end(logo)
    if (leadsNowhere.has(path)) return void res.writeHead(204).end()
    if (req.method === 'POST') await read(req)
    const asset = (assetsFor({ accent: '#0a7' }) as Record<string, { type: string, body: string }>)[path.replace('/login/assets/', '').replace(/\?v=.*/, '')]
    const json = req.method === 'POST' ? answers[path]?.shift() : undefined
    if (json) return sendJson(res, json)
    const location = req.method === 'POST' ? redirects[path] : undefined
    res.setHeader('Content-Security-Policy', contentSecurityPolicy())
    res.setHeader('Content-Type', asset?.type ?? 'text/html; charset=utf-8')
    if (location !== undefined) res.setHeader('Location', location)
    res.statusCode = location !== undefined ? 303 : 200
    res.end(asset?.body ?? (req.method === 'POST' ? '<title>posted</title>' : pages[path] ?? '<title>elsewhere</title>'))
  }
  const server = createServer((req, res) => void answer(req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pages,
    redirects,
    posts,
    answers,
    leadsNowhere,
    close: () => new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}

function sendJson(res: ServerResponse, { status = 200, retryAfter, body }: Answer): void {
  if (retryAfter !== undefined) res.setHeader('Retry-After', String(retryAfter))
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}
