import { drawParts, frame, type PageParts } from './pages/page.js'
import type { State } from './state/state.js'
import type { View, Views, ViewState } from './settings/views.js'

export { contentSecurityPolicy, type PolicyOptions } from './pages/content-security-policy.js'

/** The parts of a page. All but `title` are escaped HTML. A part that the page lacks is empty. */
export type RenderedParts = { readonly [K in keyof PageParts]: string }

/**
 * The page that the router would answer with: a whole HTML document. The router has set its `Content-Security-Policy`
 * before it calls `render`.
 * @throws TypeError when the view `redirect` is given no http(s) URL and no path.
 * @example
 * multistep(passport, {
 *   steps: ['local', 'sms-otp'],
 *   render: (req, res, view, state) => {
 *     if (view === 'devices') res.render('my-devices', state)
 *     else res.end(renderPage(view, state))
 *   },
 * })
 */
export const renderPage = <V extends View>(view: V, state: ViewState<V>): string => frame(drawnParts(view, state)).text

/**
 * The parts of that page, for a layout of the app's own.
 * @throws TypeError when the view `redirect` is given no http(s) URL and no path.
 * @example
 * multistep(passport, {
 *   steps: ['local', 'sms-otp'],
 *   render: (req, res, view, state) => { res.render('login', { page: pageParts(view, state) }) },
 * })
 */
export function pageParts<V extends View>(view: V, state: ViewState<V>): RenderedParts {
  const { lang, dir, now, title, head, brand, kicker, heading, body, links } = drawnParts(view, state)
  return {
    lang, dir, now, title, head: head.text, brand: brand?.text ?? '', kicker: kicker?.text ?? '', heading: heading.text,
    body: body.text, links: links?.text ?? '',
  }
}

// The state of a view holds all three: the login's state, the data of the view, and the context of pages.
const drawnParts = <V extends View>(view: V, state: ViewState<V>): PageParts =>
  drawParts(view, state as State, state, state as Views[V])
