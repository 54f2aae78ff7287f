import { setTimeout as pause } from 'node:timers/promises'
import { parseCookie } from 'cookie'
import type { Context } from '../settings/context.js'
import { wantsHtml, type Request, type Response } from '../http/request.js'
import { localPath } from '../lib/local-path.js'
import type { NewTombstone } from '../stores/tombstone-store.js'
import { tellToWait } from '#internal/wait-until'
import { isTurned, shortDigest, turn, turnedTo } from './browser-session.js'
import { responseOf } from '../http/respond.js'

/**
 * Requests can bring the cookie of a session that another request has renewed meanwhile: the second of two equal posts,
 * a page that was loading. express-session finds no session for it, makes a new one, and would send its cookie, which
 * takes the place of the one that the winner got. So the winner leaves a tombstone: for a while such a request writes
 * no session and sets no cookie, and is answered with where the winner went. A tombstone belongs to no person.
 */
export interface Tombstone {
  /**
   * What the store keeps of it; absent where the session is new and leaves nothing. A caller that lets the store keep
   * it with a login says so by `isLeft`.
   */
  readonly kept: NewTombstone | undefined
  isLeft(): void
  /** `false`: another request has left one before, so this one must leave the session alone. */
  leave(): Promise<boolean>
  /** The session could not be renewed after all. */
  remove(): Promise<void>
}

/**
 * Milliseconds. A second post comes within moments. A person whose browser lost the winner's answer must be able to
 * begin again soon.
 */
const life = 10_000

/** What may be a session's, at most, among an app's other signed cookies. */
const mostCookies = 4

/** By request: the tombstone that another request left before it. */
const forestalled = new WeakMap<Request, string>()

/** In the form that express-session gives its cookie, and without which it takes none. */
const signedCookies = (req: Request): string[] =>
  Object.values(parseCookie(req.headers.cookie ?? ''))
    .filter((value): value is string => value?.startsWith('s:') === true)

/** The tombstone's name, of the cookie that this request's session came by; `undefined`: the session is new. */
function ownName(req: Request): string | undefined {
  const cookie = signedCookies(req).find((value) => value.startsWith(`s:${req.sessionID}.`))
  return cookie === undefined ? undefined : tombstoneName(cookie)
}

const tombstoneName = (cookie: string): string => shortDigest('tombstone', cookie)

/**
 * The tombstone of this request's session, to be made before the session is renewed. `to`: where the request is sent;
 * `undefined` where a handler of the app decides that.
 */
export function tombstoneOf(
  { store, settings }: Pick<Context, 'store' | 'settings'>, req: Request, to: string | undefined,
): Tombstone {
  const name = ownName(req)
  if (name === undefined) return { kept: undefined, isLeft: () => {}, leave: async () => true, remove: async () => {} }
  const home = settings.publicPath + settings.successRedirect
  const isOpen = to === undefined && wantsHtml(req)
  const kept: NewTombstone = { session: name, to: isOpen ? '' : to ?? home, ttl: life }
  const isLeft = (): void => {
    if (!isOpen) return
    onAnswer(responseOf(req), (page) => {
      tellToWait(settings, store.changeTombstone(name, page ?? home).catch(() => undefined))
    })
  }
  return {
    kept,
    isLeft,
    leave: async () => {
      const isFirst = await store.leaveTombstone(kept.session, kept.to, kept.ttl)
      if (isFirst) isLeft()
      else forestalled.set(req, name)
      return isFirst
    },
    remove: async () => store.changeTombstone(name, undefined).catch(() => undefined),
  }
}

/**
 * Renews a session where it is decided by other means that this request does. A tombstone that could not be left does
 * not stand in the way.
 */
export async function buried<T>(tombstone: Tombstone, renewal: () => Promise<T>): Promise<T> {
  const left = tombstone.leave().catch(() => undefined)
  return orExhumed(tombstone, async () => (await Promise.all([left, renewal()]))[1])
}

/**
 * Does a part of a renewal that is of no harm where it comes too late, such as ending the old session, while the
 * tombstone decides whether this request renews. `false`: another request does.
 */
export async function firstOf(tombstone: Tombstone, part: Promise<void>): Promise<boolean> {
  const [left, done] = await Promise.allSettled([tombstone.leave(), part])
  if (left.status === 'rejected') throw left.reason
  if (left.value && done.status === 'rejected') {
    await tombstone.remove()
    throw done.reason
  }
  return left.value
}

/** Renews a session whose tombstone was left. It goes where that fails: the session stays. */
export async function orExhumed<T>(tombstone: Tombstone, renewal: () => Promise<T>): Promise<T> {
  try {
    return await renewal()
  } catch (error) {
    await tombstone.remove()
    throw error
  }
}

/** Calls once the response begins, with the page of this app that it leads to. */
function onAnswer(res: Response, act: (page: string | undefined) => void): void {
  const plain = res.writeHead.bind(res) as (...args: unknown[]) => Response
  const writeHead = (...args: unknown[]): Response => {
    act(localPath(res.getHeader('Location')))
    return plain(...args)
  }
  Object.assign(res, { writeHead })
}

/** Where the browser sent a session's cookie that no session came of, looks for a tombstone. */
export async function findTombstone({ store }: Pick<Context, 'store'>, req: Request): Promise<void> {
  const { cookie } = req.headers
  if (cookie === undefined || cookie.includes(String(req.sessionID)) || isTurned(req)) return
  const others = signedCookies(req).filter((value) => !value.startsWith(`s:${req.sessionID}.`))
  const names = others.slice(0, mostCookies).map(tombstoneName)
  const found = await Promise.all(names.map((name) => store.readTombstone(name)))
  turn(req, found.find((to) => to !== undefined))
}

/** Whether another request has renewed this one's session meanwhile, or does so within some milliseconds. */
export async function isOvertaken({ store }: Pick<Context, 'store'>, req: Request, patience: number): Promise<boolean> {
  const name = isTurned(req) ? undefined : forestalled.get(req) ?? ownName(req)
  if (name !== undefined) turn(req, await polled(patience, () => store.readTombstone(name), (to) => to !== undefined))
  return isTurned(req)
}

/** Where the winner went. */
export async function whereWinnerWent(
  { store, settings }: Pick<Context, 'store' | 'settings'>, req: Request,
): Promise<string> {
  const to = turnedTo(req)
  if (to) return to
  const names = signedCookies(req).slice(0, mostCookies).map(tombstoneName)
  const read = async () => (await Promise.all(names.map((name) => store.readTombstone(name)))).find(Boolean)
  return await polled(1_000, read, Boolean) ?? settings.publicPath + settings.successRedirect
}

/** Milliseconds. */
const interval = 25

/** Reads until the answer is enough, or the milliseconds are over. */
export async function polled<T>(
  patience: number, read: () => Promise<T>, isEnough: (answer: T) => boolean,
): Promise<T> {
  let answer = await read()
  for (let waited = 0; !isEnough(answer) && waited < patience; waited += interval) {
    await pause(interval)
    answer = await read()
  }
  return answer
}
