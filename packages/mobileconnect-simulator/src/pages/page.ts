import type { Response } from 'express'
import { html, type Piece } from '#internal/html'
import { style } from './style.js'

export interface PageParts {
  /** Whose page it is. */
  readonly from: string
  readonly title: string
  readonly body: Piece
  /** After so many seconds the page asks again; where, if not at its own address. */
  readonly reload?: { readonly after: number, readonly to?: string }
}

export const page = ({ from, title, body, reload }: PageParts): string =>
  html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${reload === undefined ? undefined : html`<meta http-equiv="refresh" content="${reload.after}${reload.to === undefined ? undefined : `; url=${reload.to}`}">`}
<title>${title} – ${from}</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="from">${from}</p>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.text

/** Forms may end up at an app's address, by a redirect: no `form-action`. */
const policy = 'default-src \'none\'; style-src \'unsafe-inline\'; frame-ancestors \'none\'; base-uri \'none\''

export function sendPage(res: Response, status: number, text: string): void {
  res.status(status).set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-store' }).type('html').send(text)
}
