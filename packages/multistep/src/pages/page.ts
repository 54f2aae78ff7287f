import { devices } from './devices.js'
import type { State } from '../login/state.js'
import { html, type Markup } from './html.js'
import { sceneOf, type PageContext, type Scene } from './scene.js'
import { complete, login, redirect, unavailable, type Content } from './views.js'

export type View = 'login' | 'redirect' | 'unavailable' | 'complete' | 'devices'

// The code corrects the visitor's clock by `data-now`, so that a wrong one does not lock the button.
const frame = ({ messages, base, now }: Scene, { heading, step, body, head }: Content): Markup => html`<!DOCTYPE html>
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

const contentOf = (view: View, scene: Scene, redirectTo: string | undefined): Content => {
  switch (view) {
    case 'login': return login(scene)
    case 'redirect': return redirect(scene, redirectTo)
    case 'unavailable': return unavailable(scene)
    case 'complete': return complete(scene)
    case 'devices': return devices(scene)
  }
}

/**
 * A whole HTML document. It holds no inline script or style: serve it with `contentSecurityPolicy()` and `assets`.
 * @throws TypeError when the view `redirect` is given no http(s) URL and no path.
 */
export function renderPage(view: View, state: State, context: PageContext): string {
  const scene = sceneOf(state, context)
  return frame(scene, contentOf(view, scene, context.redirectTo)).text
}
