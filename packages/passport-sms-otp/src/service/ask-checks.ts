import { withDeadline, DeadlineError } from '#internal/deadline'
import { tagOf } from '../codes/keys.js'
import type { KeptCheck } from '../settings/kept-check.js'
import { about, type Ready, type TextOrder } from './context.js'
import { deny } from './note-down.js'
import type { Refused } from './results.js'

/** What a check came to: whether it changed, or why nobody knows. */
type Finding = { readonly swapped: boolean } | { readonly unknown: string }

/**
 * Asks who knows whether another person may read the texts to a number. It may cost money, so the limits come before
 * it.
 */
export async function askChecks(context: Ready, order: TextOrder): Promise<Refused | undefined> {
  for (const check of context.settings.checks) {
    const finding = await findingOf(context, check, order.number.e164)
    const isUnknown = 'unknown' in finding
    if (isUnknown) tellUnknown(context, order, check, finding.unknown)
    if (isUnknown ? check.onUnknown === 'refuse' : finding.swapped) {
      const detail = isUnknown ? finding.unknown : `It changed within ${check.maxAge} hours.`
      deny(context, order, { reason: check.name, detail })
      return { status: 'refused', reason: check.name, detail }
    }
  }
  return undefined
}

/** As it is remembered, else from the provider, as long as its budget lasts. */
async function findingOf({ settings: { store }, tag }: Ready, check: KeptCheck, phone: string): Promise<Finding> {
  const { name, kind, provider, maxAge, timeout, limits, answers } = check
  const number = tagOf(tag, `check ${name}`, phone)
  const kept = answers.get(number)
  if (kept !== undefined) return { swapped: kept }
  if (limits.length > 0) {
    const reserved = await store.reserve([{ key: tagOf(tag, 'limit check', name), limits }])
    if (reserved.status !== 'reserved') return { unknown: 'The limits of this check are spent.' }
  }
  try {
    const ask = (signal: AbortSignal) => provider.swapped({ kind, phone, maxAge }, { signal })
    const swapped: unknown = await withDeadline(timeout, ask)
    if (typeof swapped !== 'boolean') return { unknown: `${provider.name} does not know.` }
    answers.keep(number, swapped)
    return { swapped }
  } catch (error) {
    return { unknown: error instanceof DeadlineError ? `${provider.name} did not answer in time.` : `${provider.name} failed: ${codeOf(error)}.` }
  }
}

/** A code or a name is told, as long as it is short and no number. A message may hold anything. */
function codeOf(error: unknown): string {
  const { code, name } = Object(error) as { code?: unknown, name?: unknown }
  const texts = [code, name].filter((value) => typeof value === 'string' || typeof value === 'number').map(String)
  return texts.find((text) => /^[A-Za-z0-9][\w.]{0,59}$/.test(text) && !/\d{7}/.test(text)) ?? typeof error
}

const tellUnknown = (context: Ready, order: TextOrder, check: KeptCheck, detail: string): void =>
  context.events.emit('check-unknown', () => ({
    ...about(context, order), check: check.name, provider: check.provider.name, detail, allowed: check.onUnknown === 'allow',
  }))
