import type { Factor } from '../factors/factor.js'
import { withParameter } from '../http/query.js'
import type { Settings } from './settings.js'

type Addresses = Pick<Settings, 'publicPath' | 'loginPath'>

/** `loginPath` as the browser sees it. */
export const publicLoginPath = ({ publicPath, loginPath }: Addresses): string => publicPath + loginPath

interface OpenStep { readonly open: readonly { readonly factor: Factor }[] }

/**
 * Where a person takes the next step: the page of the one factor that is open, where it has its own, else the login
 * page, which shows `chosen` first.
 */
export function pageOf(addresses: Addresses, { open }: OpenStep, requirement?: string, chosen?: Factor): string {
  const factor = chosen ?? (open.length === 1 ? open[0]?.factor : undefined)
  if (factor?.page !== undefined) return withRequirement(addresses.publicPath + factor.page, requirement)
  const page = withRequirement(publicLoginPath(addresses), requirement)
  return chosen !== undefined && open.length > 1 ? withParameter(page, 'factor', chosen.name) : page
}

/** A page of the step-up for this requirement. */
export const withRequirement = (page: string, id: string | undefined): string =>
  (id === undefined ? page : withParameter(page, 'for', id))

/** The router's last page of a step-up, with the button that sends what was confirmed. */
export const confirmPage = (addresses: Addresses, id: string): string =>
  withRequirement(`${publicLoginPath(addresses)}/confirm`, id)
