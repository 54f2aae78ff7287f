import { duration } from '#internal/duration'
import { checkOptionNames } from '#internal/option-checks'
import { GRACE, keptFor } from '../stores/store-request.js'
import { hasTrace } from './guarded-store.js'
import type { TraceOptions } from './options.js'
import type { Settings } from './settings.js'
import { wholeBetween } from './whole-between.js'

type Ledger = Pick<Settings, 'store' | 'delays' | 'limits' | 'unsentLimits' | 'expectDelivery' | 'ttl'>

/**
 * What is kept of traces, and for how long: as the ledger of a person, which ends once no text and no code of it counts
 * any more.
 * @throws TypeError for other options, and for a store that cannot keep traces.
 */
export function readTrace(given: unknown = false, ledger: Ledger): Settings['trace'] {
  if (given === false) return undefined
  const { last = 20, atMost = '90d' } = checkTrace(given)
  if (!hasTrace(ledger.store)) throw new TypeError('trace needs a store that keeps traces: one with note(request) and trace(subject).')
  const { delays, limits, unsentLimits, expectDelivery: expect, ttl } = ledger
  const texts = keptFor({ subject: '', delays, limits: limits.phone, unsentLimits: unsentLimits.phone, expect })
  const longest = duration('trace.atMost', atMost)
  return {
    last: wholeBetween('trace.last', last, 1, 100),
    keptFor: Math.min(Math.max(texts, ttl + GRACE), longest),
    keptForFailures: longest,
  }
}

function checkTrace(given: unknown): TraceOptions {
  if (given === true) return {}
  if (typeof given !== 'object' || given === null) throw new TypeError(`trace is true, false or { last: 20 }, not ${JSON.stringify(given)}.`)
  checkOptionNames('trace', given, ['last', 'atMost'])
  return given
}
