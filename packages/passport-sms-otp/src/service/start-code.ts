import type { Stoppable } from '#internal/deadline'
import type { CodeProvider, CodeStarted } from '../providers/provider.js'
import type { SmsReceipt } from '../senders/sender.js'
import { checkVerification } from '../stores/store-request.js'
import type { Context, TextOrder } from './context.js'
import type { Parcel } from './deliver-text.js'

interface Starting {
  readonly order: TextOrder
  readonly parcel: Parcel
}

/** Has a provider make and send a code. One that it does not name is a code that nobody can check. */
export const startBy = (
  provider: CodeProvider,
  { order: { purpose, details }, parcel: { message, answer } }: Starting,
) => async ({ signal }: Stoppable): Promise<CodeStarted> => {
  const { to, body, channel = 'sms', locale, validFor = 1 } = message
  const { repeated } = answer
  const inLanguage = locale === undefined ? {} : { locale }
  const start = { to, purpose, details, message: body, channel, ...inLanguage, validFor, repeated }
  const started = await provider.start(start, { signal })
  checkVerification(started.id)
  return started
}

/** Keeps with the challenge how the provider names its code. */
export const keepName = (
  { settings: { store } }: Context,
  { challenge: { tag: subject, id } }: Parcel,
  { id: verification = '' }: SmsReceipt,
): Promise<void> => store.assign({ subject, id, verification })
