import { MultistepError } from '../errors.js'
import type { Request } from '../http/request.js'
import { localeFor } from '../locales/index.js'
import { withMessages, type Messages } from '../messages.js'
import { checkMessages, type Settings } from '../options.js'
import { problemOf } from '../problem.js'
import type { LocaleRequest } from '../views.js'
import { within } from '../within.js'

/** The sentences for whoever sent this request: those of their locale, with the app's own on top. */
export async function messagesFor({ locale, messages, stepTimeout }: Settings, req: Request): Promise<Messages> {
  const late = () => new MultistepError('factor_unavailable', problemOf('factor_unavailable').message, { cause: new Error(`The option locale gave no answer within ${stepTimeout} ms.`) })
  const tag: unknown = await within(stepTimeout, Promise.resolve(locale?.(req as LocaleRequest)), late)
  const known = typeof tag === 'string' && tag !== '' ? tag : undefined
  if (typeof messages !== 'function') return withMessages(localeFor(known), messages)
  const own = messages(known ?? 'en') ?? {}
  checkMessages(own)
  return withMessages(localeFor(known), own)
}
