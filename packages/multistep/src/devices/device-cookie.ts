import { createHash } from 'node:crypto'
import { randomBytes } from '#internal/random'
import { parseCookie, stringifySetCookie } from 'cookie'
import type { Request, Response } from '../http/request.js'

/**
 * A browser's claim to be a remembered device. `family` says which device it is, for as long as it is remembered.
 * `secret` shows that no other browser has come in its place.
 */
export interface DeviceToken {
  readonly family: string
  readonly secret: string
}

/** No other host of the domain can set this name, and no browser sends it over plain http (RFC 6265bis §4.1.3.2). */
const COOKIE = '__Host-multistep-device'

/** As many people as one browser remembers. The store alone can tell which person an entry belongs to. */
const mostPeople = 5

/**
 * What a browser presents. An entry that was edited is no entry: it must not be taken for an earlier token of its
 * device.
 */
export function presentedTokens(req: Request): DeviceToken[] {
  const value = parseCookie(req.headers.cookie ?? '')[COOKIE] ?? ''
  return value.split('.').slice(0, mostPeople).flatMap((entry) => {
    const [, family, secret, check] = /^([\w-]{22})([\w-]{22})([\w-]{11})$/.exec(entry) ?? []
    if (family === undefined || secret === undefined) return []
    return check === checkOf({ family, secret }) ? [{ family, secret }] : []
  })
}

/** Gives the browser these entries, the most recent first, for `ttl` milliseconds; none: takes the cookie away. */
export function setTokens(res: Response, tokens: readonly DeviceToken[], ttl: number): void {
  if (res.headersSent) return
  const value = tokens.slice(0, mostPeople).map((token) => token.family + token.secret + checkOf(token)).join('.')
  const maxAge = value === '' ? 0 : Math.ceil(ttl / 1000)
  res.appendHeader('Set-Cookie', stringifySetCookie({
    name: COOKIE, value, httpOnly: true, secure: true, sameSite: 'lax', path: '/', maxAge,
  }))
}

/** 128 random bits each. */
export const newSecret = (): string => randomBytes(16).toString('base64url')
export const newToken = (): DeviceToken => ({ family: newSecret(), secret: newSecret() })

/** What the store, the person and the app know a device by. It leads back to no cookie. */
export const deviceId = ({ family }: Pick<DeviceToken, 'family'>): string => digest('device', family).slice(0, 22)
export const secretDigest = (secret: string): string => digest('secret', secret)

/**
 * Seals a secret for the browser that holds these values, and opens it again. One of them is spent by this use, so
 * that each key seals once. The store has only digests of them.
 */
export function seal(secret: string, holding: readonly string[]): string {
  const pad = createHash('sha256').update(JSON.stringify(['seal', ...holding])).digest()
  const sealed = Buffer.from(secret, 'base64url').map((byte, index) => byte ^ (pad[index] ?? 0))
  return Buffer.from(sealed).toString('base64url')
}

export const digest = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url')

const checkOf = ({ family, secret }: DeviceToken): string => digest('check', family, secret).slice(0, 11)
