import { sanitized } from '#internal/upstream-error'

/** An address without its query, fragment and user name, which may hold secrets or a number. */
export function addressForLog(href: string): string {
  if (!URL.canParse(href)) return 'no absolute address'
  const { protocol, host, pathname } = new URL(href)
  return sanitized(`${protocol}//${host}${pathname}`)
}
