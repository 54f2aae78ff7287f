import type { Request, Response } from 'express'

/** Browsers get pages. Programs, and clients that do not say what they accept, get JSON. */
export const wantsHtml = (req: Request): boolean => req.accepts(['json', 'html']) === 'html'

export interface Page {
  /** Below `views/`. */
  readonly view: string
  readonly title: string
  /** The answer in JSON, and what the view shows. */
  readonly data: object
  /** What only the view shows. */
  readonly more?: object
}

export function reply(req: Request, res: Response, { view, title, data, more }: Page): void {
  res.vary('Accept')
  if (wantsHtml(req)) res.render(view, { title, ...data, ...more })
  else res.json(data)
}
