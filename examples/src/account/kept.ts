import type { Request } from 'express'

/** What a page keeps in the session until it is shown again: nothing of it proves anything. */
export interface Kept {
  /** What was typed into the form of a transfer, while it is being confirmed. */
  readonly typed?: Readonly<Record<string, string>>
  /** The transfer that was made, to be shown once. */
  readonly done?: { readonly id: string, readonly payee: string, readonly amount: number }
  /** A number that the user wants to change to, and the code on its way there. */
  readonly newNumber?: { readonly phone: string, readonly challenge: string, readonly to: string }
  /** Said once. */
  readonly notice?: { readonly kind: 'done' | 'problem', readonly text: string }
}

declare module 'express-session' {
  interface SessionData { acme?: Kept }
}

export const kept = (req: Request): Kept => req.session.acme ?? {}

export function keep(req: Request, more: { readonly [K in keyof Kept]: Kept[K] | undefined }): void {
  const all = Object.entries({ ...kept(req), ...more }).filter(([, value]) => value !== undefined)
  if (all.length > 0) req.session.acme = Object.fromEntries(all)
  else delete req.session.acme
}
