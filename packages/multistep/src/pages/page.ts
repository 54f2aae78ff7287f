import { devices } from './views/devices.js'
import type { State } from '../state.js'
import type { View, Views } from '../views.js'
import { html, type Markup } from '#internal/html'
import { recoveryCodes } from './views/recovery-codes.js'
import { pageModel, type PageContext, type PageModel } from './page-model.js'
import { complete, login, redirect, refused, unavailable, type Content } from './views/login.js'

// The code corrects the visitor's clock by `data-now`, so that a wrong one does not lock the button.
export const frame = ({ messages, base, now }: PageModel, { heading, step, body, head }: Content): Markup => html`<!DOCTYPE html>
<html lang="${messages.lang}" data-now="${new Date(now).toISOString()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${heading}</title>
${head}
<link rel="stylesheet" href="${base}/assets/style.css">
<script src="${base}/assets/code.js" defer></script>
</head>
<body>
<main>
${step}
<h1>${heading}</h1>
${body}
</main>
</body>
</html>
`

const drawings: { readonly [V in View]: (model: PageModel, data: Views[V]) => Content } = {
  login, redirect, unavailable, refused, complete, devices, 'recovery-codes': recoveryCodes,
}

/**
 * A whole HTML document. It holds no inline script or style: serve it with `contentSecurityPolicy()` and `assets`.
 * @throws TypeError when the view `redirect` is given no http(s) URL and no path.
 */
export function renderPage<V extends View>(view: V, state: State, context: PageContext, data: Views[V]): string {
  const model = pageModel(state, context)
  return frame(model, drawings[view](model, data)).text
}
