import { Cookie, MemoryStore } from 'express-session'
import type { Request } from '../../src/http/request.js'

/** A request with a session of express-session that holds this, and with nothing else. */
export function sessionRequest(content: object = {}, more: object = {}): Request {
  const sessionStore = new MemoryStore()
  const req = { method: 'GET', headers: {}, sessionID: 'sid', sessionStore, ...more }
  sessionStore.createSession(req as never, { ...content, cookie: new Cookie() } as never)
  return req as unknown as Request
}

/** What its session holds beside the cookie. */
export function contentOf({ session }: Request): object {
  const { cookie: _, ...content } = session as { cookie: unknown }
  return content
}
