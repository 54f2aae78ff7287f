/** Somebody else's words with every number in them that could be a telephone's hidden but for its last digits. */
export const masked = (words: string): string => words.replace(/\d{4,}(?=\d{3})/g, '•••')

/** An address for a log: where it is, and nothing of what it carries. */
export function maskedAddress(href: string): string {
  if (!URL.canParse(href)) return 'no absolute address'
  const { protocol, host, pathname } = new URL(href)
  return masked(`${protocol}//${host}${pathname}`)
}
