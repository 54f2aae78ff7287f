import { errorName } from '../lib/error-name.js'
import type { Ready, TextOrder } from './context.js'
import { DeadlineError, withSignal } from '#internal/deadline'
import { deny } from './note-down.js'
import type { Refused } from './results.js'

/** Asks the app. Its hook may cost money, so the limits come before it. */
export async function askHook(context: Ready, order: TextOrder): Promise<Refused | undefined> {
  const { beforeSend, senderTimeout } = context.settings
  if (!beforeSend) return undefined
  const { number: { e164, country, type }, subject = e164, purpose, channel, details, ip, known } = order
  const ask = () => beforeSend({ phone: e164, country, type, subject, purpose, channel, details, ip, known })
  const detail = await withSignal(senderTimeout, ask).then(hookAnswer, hookFailure)
  if (detail === undefined) return undefined
  deny(context, order, { reason: 'hook', detail })
  return { status: 'refused', reason: 'hook', detail }
}

/** Only nothing allows: `false` or a misspelt answer was not meant to. */
function hookAnswer(answer: unknown): string | undefined {
  if (answer === undefined || answer === null) return undefined
  const { refuse } = answer as { refuse?: unknown }
  return typeof refuse === 'string' ? refuse : 'beforeSend must return nothing or { refuse: reason }.'
}

const hookFailure = (error: unknown): string =>
  error instanceof DeadlineError ? 'beforeSend did not answer in time.' : `beforeSend failed: ${errorName(error)}`
