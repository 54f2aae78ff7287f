import type { Context } from '../settings/context.js'
import { MultistepError } from '../lib/errors.js'
import { beginHtml, sendHtml } from '../http/respond.js'
import type { Messages } from '../locales/messages.js'
import type { Branding } from '../settings/page-options.js'
import type { State } from '../state/state.js'
import type { Render, View, Views } from '../settings/views.js'
import { policyOf } from './content-security-policy.js'
import { lookUp } from './format.js'
import { drawParts, frame } from './page.js'
import { messagesFor, translated } from './translate.js'
import type { Visit } from './visit.js'
import { publicLoginPath } from '../settings/addresses.js'

/** Answers with a page in the user's language, by the app's `render` if it has one. */
export async function drawPage<V extends View>(
  visit: Visit,
  view: V,
  given: State,
  data: Views[V],
  status = 200,
): Promise<void> {
  const { context, req, res, person } = visit
  const { settings } = context
  const messages = await messagesFor(settings, req)
  const factors = given.factors.map((factor) => labelled(context, factor, messages))
  const setUp = given.setUp?.map((link) => labelled(context, link, messages))
  const state = translated({ ...given, factors, ...setUp && { setUp } }, messages)
  const shown = {
    loginPath: publicLoginPath(context.settings),
    messages,
    branding: settings.branding,
    account: accountOf(settings.branding, person),
    home: settings.publicPath + settings.successRedirect,
    now: settings.now?.(),
  }
  const headers = {
    'Content-Security-Policy': policyOf(settings.branding),
    'X-Content-Type-Options': 'nosniff',
    'Content-Language': messages.lang,
  }
  if (!settings.render) return sendHtml(res, frame(drawParts(view, state, shown, data)).text, status, headers)
  beginHtml(res, status, headers)
  await rendered(visit, settings.render, [req, res, view, { ...state, ...data, ...shown }])
}

/**
 * Calls the app's `render`. Its error goes to the app's error handler: another page would be drawn by `render` again.
 */
async function rendered({ res, next }: Visit, render: Render, args: readonly unknown[]): Promise<void> {
  try {
    await (render as (...args: readonly unknown[]) => unknown)(...args)
  } catch (error) {
    if (!res.headersSent) res.removeHeader('Content-Type')
    next(error instanceof Error
      ? error
      : new MultistepError('misconfigured', 'multistep: render failed; what it threw is the cause.', { cause: error }))
  }
}

/** The app's own label wins over the one of the locale. A factor that no locale knows keeps its name. */
function labelled<T extends { readonly factor: string, readonly label: string }>(
  { settings: { factors } }: Pick<Context, 'settings'>, state: T, { labels }: Messages,
): T {
  const own = factors.get(state.factor).hasOwnLabel
  return own ? state : { ...state, label: lookUp(labels, state.factor) ?? state.label }
}

/** The name of the user's account, by the app's option. An option that throws is no reason to fail. */
function accountOf({ account }: Branding, person: Express.User | undefined): string | undefined {
  if (!account || person === undefined) return undefined
  try {
    const shown: unknown = account(person)
    if (shown instanceof Promise) shown.catch(() => undefined)
    return typeof shown === 'string' && shown.trim() !== '' ? shown.slice(0, LONGEST_ACCOUNT) : undefined
  } catch {
    return undefined
  }
}

const LONGEST_ACCOUNT = 100
