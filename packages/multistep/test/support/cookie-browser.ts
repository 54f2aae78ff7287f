import type { Express as ExpressApp } from 'express'
import request, { type Response } from 'supertest'
import { people } from './app.js'

const attributesOf = (line: string): { name: string, value: string, gone: boolean } => {
  const [pair = ''] = line.split(';', 1)
  return { name: pair.slice(0, pair.indexOf('=')), value: pair.slice(pair.indexOf('=') + 1), gone: /;\s*Max-Age=0/i.test(line) }
}

/** A browser that takes Secure cookies over loopback too, as Chromium does; its cookies can be looked at, copied and put back. */
export function cookieBrowser(app: ExpressApp, cookies: Record<string, string> = {}) {
  const headers: Record<string, string> = {}
  const take = (response: Response): Response => {
    for (const line of (response.headers as { 'set-cookie'?: string[] })['set-cookie'] ?? []) {
      const { name, value, gone } = attributesOf(line)
      if (gone) Reflect.deleteProperty(cookies, name)
      else cookies[name] = value
    }
    return response
  }
  const sending = () => ({ ...headers, Cookie: Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ') })
  const post = async (path: string, body: object = {}) => take(await request(app).post(path).set(sending()).send(body))
  return {
    cookies,
    headers,
    post,
    get: async (path: string) => take(await request(app).get(path).set(sending())),
    page: async (path: string) => take(await request(app).get(path).set({ ...sending(), Accept: 'text/html' })),
    form: async (path: string, body: object = {}) =>
      take(await request(app).post(path).set({ 'Sec-Fetch-Site': 'same-origin', ...sending(), Accept: 'text/html' }).type('form').send(body)),
    password: async (username = 'ada', password = people()[username]?.password ?? '') => post('/login/local', { username, password }),
    /** The cookie that a device is remembered by. */
    token: () => cookies['__Host-multistep-device'],
  }
}
