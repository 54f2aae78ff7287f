import type { Context } from '../settings/context.js'
import type { Handler } from '../http/request.js'
import type { State } from '../state/state.js'
import type { View, Views } from '../settings/views.js'
import type { AssetName } from './assets/assets.js'
import type { ButtonPage } from './button-page.js'
import type { Visit } from './visit.js'

export { asksWallet } from './wallet-mark.js'
export { blank, type Visit } from './visit.js'

// Pages and sentences are loaded with the first page. An app that only answers in JSON never loads them.

/** Answers with a page in the user's language, by the app's `render` if it has one. */
export async function sendPage<V extends View>(
  visit: Visit,
  view: V,
  state: State,
  data: Views[V],
  status = 200,
): Promise<void> {
  const pages = await import('./send-page.js')
  await pages.drawPage(visit, view, state, data, status)
}

/** Answers with a page that is one button. */
export async function sendButtonPage(visit: Visit, page: ButtonPage): Promise<void> {
  const pages = await import('./button-page.js')
  await pages.drawButtonPage(visit, page)
}

/** The files that the pages load from `${loginPath}/assets/`. */
export const assetNames: readonly AssetName[] = ['style.css', 'theme.css', 'code.js', 'wallet.js']

/** Answers with one of the files that the pages load. */
export const sendAsset = ({ settings: { branding } }: Pick<Context, 'settings'>, name: AssetName): Handler =>
  (req, res, next) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return next()
    const send = async () => {
      const { assetsFor } = await import('./assets/assets.js')
      const { type, body, version } = assetsFor(branding)[name]
      res.setHeader('Content-Type', type)
      // An address with another version belongs to a page that was made before or after this process.
      const isNamed = req.url?.endsWith(`?v=${version}`)
      res.setHeader('Cache-Control', isNamed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600')
      res.setHeader('X-Content-Type-Options', 'nosniff')
      res.end(body)
    }
    send().catch(next)
  }
