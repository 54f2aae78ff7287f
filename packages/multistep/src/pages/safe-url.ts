const nowhere = 'http://nowhere.invalid'

const pathOnThisSite = (path: string): string | undefined => {
  if (!/^\/(?![/\\])/.test(path) || !URL.canParse(path, nowhere)) return undefined
  const url = new URL(path, nowhere)
  // `/.//host` and `/\t/host` become another site only once they are parsed.
  return url.origin === nowhere && !url.pathname.startsWith('//') ? url.pathname + url.search + url.hash : undefined
}

/** A path on this site, else `/`. It is the last defence: `returnTo` was checked when it was stored. */
export const safePath = (path = '/'): string => pathOnThisSite(path) ?? '/'

/**
 * The address that the page `redirect` leads to, as a browser would read it, and the host when it is another site's.
 * @throws TypeError for anything but an http(s) URL or a path.
 */
export const safeRedirect = (redirectTo = ''): { url: string, host?: string } => {
  const absolute = URL.canParse(redirectTo) ? new URL(redirectTo) : undefined
  if (absolute && /^https?:$/.test(absolute.protocol)) return { url: absolute.href, host: absolute.host }
  const path = pathOnThisSite(redirectTo)
  if (path !== undefined) return { url: path }
  throw new TypeError('A strategy may redirect to an http or https URL, or to a path that begins with one slash.')
}
