import type { Request } from '../http/request.js'
import type { Granted } from '../state/granted.js'
import { keep, kept } from './browser-session.js'

/** More than a person confirms at once. The oldest go. */
const most = 5

export function noteGranted(req: Request, granted: Granted): void {
  const others = (kept(req).granted ?? []).filter(({ key }) => key !== granted.key)
  keep(req, { granted: [...others, granted].slice(-most) })
}

/** The request was sent, or the person has cancelled it. */
export function forgetGranted(req: Request, key: string): void {
  const granted = kept(req).granted ?? []
  const others = granted.filter((one) => one.key !== key)
  if (others.length < granted.length) keep(req, { granted: others.length > 0 ? others : undefined })
}
