import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import { countBegin } from '#internal/transactions/begin-limits'
import { wholeSeconds } from '#internal/retry-after'
import type { Way } from '../providers/provider.js'
import { fail, unavailable, type Ending } from './ending.js'
import type { Login } from './login.js'
import { takeNextWay } from './login-ways.js'
import { mayHaveWallet, wantsJson } from './wallet-page.js'

/** Begins the first way that this browser can take. */
export async function begin(login: Login): Promise<Ending> {
  const { settings, person: { subject, phone }, kept } = login
  const refusal = numberRefusal(login)
  if (refusal) return refusal
  // Without a session the answer would belong to nobody: that is told before anything is counted.
  kept.has('pending', '')
  const throttled = await countBegin(settings.transactions, settings.beginLimits, countedOf(login))
  if (throttled) return unavailable('budget-spent', { retryAfter: wholeSeconds(throttled.wait) })
  const rest = settings.via.filter((way) => canTake(way, login.req))
  const reason = settings.via.includes('operator-token') ? 'no-wallet' : 'no-proof'
  return takeNextWay(login, { subject, phone, correlator: randomUUID(), rest }, { reason })
}

/** Whether this request could take a way. A browser that is shown pages has no software of the app behind it. */
function canTake(way: Way, req: Request): boolean {
  switch (way) {
    case 'operator-token': return mayHaveWallet(req)
    case 'app': return wantsJson(req)
    case 'network': return true
  }
}

/** Why there is no number to ask about. In mode `read` a user who is not known needs none. */
function numberRefusal({ settings: { mode }, person: { user, phone, isUnreadable } }: Login): Ending | undefined {
  if (phone !== undefined) return undefined
  if (user) return unavailable('no-number')
  if (mode === 'read') return undefined
  return fail(isUnreadable ? 'phone_invalid' : 'phone_missing')
}

/**
 * The names under which a login counts for `beginLimits`: the number in all its spellings, and the account with all its
 * numbers. A user who is not known could give another number each time, so the address of the request counts, too. It
 * counts first, so that one address cannot use up the budgets of many numbers.
 */
function countedOf({ req, person: { account, phone } }: Login): string[] {
  const whose = account === undefined ? `address ${req.ip ?? ''}` : `account ${account}`
  return phone === undefined ? [whose] : [whose, `number ${phone}`]
}
