import { devices } from './devices.js'
import type { State } from '../state.js'
import type { View, Views } from '../views.js'
import { html, type Markup } from './html.js'
import { recoveryCodes } from './recovery-codes.js'
import { sceneOf, type PageContext, type Scene } from './scene.js'
import { complete, login, redirect, refused, unavailable, type Content } from './views.js'

// The code corrects the visitor's clock by `data-now`, so that a wrong one does not lock the button.
export const frame = ({ messages, base, now }: Scene, { heading, step, body, head }: Content): Markup => html`<!DOCTYPE html>
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

const drawings: { readonly [V in View]: (scene: Scene, data: Views[V]) => Content } = {
  login, redirect, unavailable, refused, complete, devices, 'recovery-codes': recoveryCodes,
}

/**
 * A whole HTML document. It holds no inline script or style: serve it with `contentSecurityPolicy()` and `assets`.
 * @throws TypeError when the view `redirect` is given no http(s) URL and no path.
 */
export function renderPage<V extends View>(view: V, state: State, context: PageContext, data: Views[V]): string {
  const scene = sceneOf(state, context)
  return frame(scene, drawings[view](scene, data)).text
}
