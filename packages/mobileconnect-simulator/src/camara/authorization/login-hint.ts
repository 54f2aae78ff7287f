import { isIP } from 'node:net'

/** Whom a client means (security profile, "Format of `login_hint`"). */
export type Hint =
  | { readonly kind: 'tel', readonly digits: string }
  | { readonly kind: 'operatortoken', readonly token: string }
  | { readonly kind: 'ipport', readonly address: string }

/** Reads `tel:+34666666666`, `operatortoken:…` or `ipport:80.90.34.2:16790`; nothing for what has another form. */
export function hintOf(text = ''): Hint | undefined {
  const [, digits] = /^tel:\+([1-9][0-9]{4,14})$/.exec(text) ?? []
  if (digits !== undefined) return { kind: 'tel', digits }
  const [, token] = /^operatortoken:(.+)$/.exec(text) ?? []
  if (token !== undefined) return { kind: 'operatortoken', token }
  const [, v6, v4] = /^ipport:(?:\[([^\]]+)\]|([0-9.]+))(?::[0-9]{1,5})?$/.exec(text) ?? []
  const address = v6 ?? v4 ?? ''
  return isIP(address) === 0 ? undefined : { kind: 'ipport', address }
}
