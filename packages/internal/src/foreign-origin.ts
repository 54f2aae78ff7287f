import type { IncomingHttpHeaders } from 'node:http'

/** Strangers can name any number of origins: the log is told of these few. */
const MOST_TOLD = 5

const told = new Set<string>()

/** Whose warning it is, and how the option is written in which the programmer names an origin. */
export interface OriginOption {
  readonly packageName: string
  readonly code: string
  readonly option: (origin: string) => string
}

/**
 * Tells the programmer, once for each, of an origin whose page was refused. It may be another origin of the app itself,
 * and only the programmer knows.
 */
export function warnOfOrigin({ packageName, code, option }: OriginOption, headers: IncomingHttpHeaders): void {
  const origin = originIn(headers)
  const key = `${code} ${origin}`
  if (origin === undefined || told.size >= MOST_TOLD || told.has(key)) return
  told.add(key)
  process.emitWarning(`${packageName}: a request of a page of ${origin} was refused as cross_site; it asked `
    + `${hostIn(headers)}. If that page is yours, write ${option(origin)}. If both are one site to the browser, a proxy `
    + 'has changed Host or the scheme: let it pass Host on, and write app.set(\'trust proxy\', 1).', { code })
}

function originIn({ origin }: IncomingHttpHeaders): string | undefined {
  if (origin === undefined || !URL.canParse(origin)) return undefined
  const from = new URL(origin).origin
  return from === 'null' || from.length > 255 ? undefined : from
}

/** As the client wrote it, which may be anything. */
const hostIn = ({ host = '' }: IncomingHttpHeaders): string =>
  (/^[\w.:[\]-]{1,255}$/.test(host) ? host : 'another host')
