import { sanitized } from '../operators/upstream-error.js'

/** Where an address is, and nothing of what it carries. */
export function addressForLog(href: string): string {
  if (!URL.canParse(href)) return 'no absolute address'
  const { protocol, host, pathname } = new URL(href)
  return sanitized(`${protocol}//${host}${pathname}`)
}
