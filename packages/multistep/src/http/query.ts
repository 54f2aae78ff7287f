/**
 * The address with this parameter in its query, once; `undefined`: without it. All the rest stays as it is spelt: parts
 * of it may be signed.
 */
export function withParameter(url: string, name: string, value: string | undefined): string {
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(url) ?? []
  const others = query.split('&').filter((part) => part !== '' && parameterName(part) !== name)
  const all = value === undefined ? others : [...others, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`]
  return `${path}${all.length === 0 ? '' : `?${all.join('&')}`}${fragment}`
}

const parameterName = (part: string): string | undefined => new URLSearchParams(part).keys().next().value
