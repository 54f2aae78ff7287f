import { drawParts, frame, type PageParts } from './pages/page.js'
import type { State } from './state/state.js'
import type { View, Views, ViewState } from './settings/views.js'

export { contentSecurityPolicy, type PolicyOptions } from './pages/content-security-policy.js'

/** The parts of a page. All but `title` are HTML, escaped; a part that the page has not is empty. */
export type RenderedParts = { readonly [K in keyof PageParts]: string }

/**
 * The page that the router would answer with: a whole HTML document. Its `Content-Security-Policy` is set before `render` is called.
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
export const renderPage = <V extends View>(view: V, state: ViewState<V>): string => frame(partsOf(view, state)).text

/**
 * The parts of that page, for a layout of the app's own.
 * @throws TypeError when the view `redirect` is given no http(s) URL and no path.
 * @example
 * render: (req, res, view, state) => { res.render('login', { page: pageParts(view, state) }) }
 */
export function pageParts<V extends View>(view: V, state: ViewState<V>): RenderedParts {
  const { lang, dir, now, title, head, brand, kicker, heading, body, links } = partsOf(view, state)
  return {
    lang, dir, now, title, head: head.text, brand: brand?.text ?? '', kicker: kicker?.text ?? '', heading: heading.text,
    body: body.text, links: links?.text ?? '',
  }
}

// A state of a view holds all three: what the login stands at, what the view shows, and what pages are drawn from.
const partsOf = <V extends View>(view: V, state: ViewState<V>): PageParts => drawParts(view, state as State, state, state as Views[V])
