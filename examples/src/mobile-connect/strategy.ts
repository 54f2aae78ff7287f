import {
  gsmaDiscovery,
  Strategy as MobileConnectStrategy,
  type StrategyOptions,
  type TransactionStore,
} from 'passport-mobileconnect'
import type { SimIsNew } from '../network/sim-swaps.js'
import { asUser, type Users } from '../users/users.js'
import type { SimulatorAddress } from './simulator.js'

/** A real operator that this app has a contract with. */
export interface OperatorCredentials {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
}

export interface MobileConnectOptions {
  readonly operators: OperatorCredentials | SimulatorAddress
  readonly levelOfAssurance: number
  readonly store: TransactionStore
  /** Of this app, as browsers see it. */
  readonly url: string
  readonly simIsNew: SimIsNew
}

/**
 * The person's operator asks on their phone: a known person by the number in their account, and anybody else for
 * theirs.
 */
export const mobileConnectStrategy = (
  users: Users,
  { operators, levelOfAssurance, store, url, simIsNew }: MobileConnectOptions,
) =>
  new MobileConnectStrategy(
    {
      ...addressesOf(operators, `${url}/login/mobileconnect/callback`),
      levelOfAssurance,
      store,
      clientName: 'Acme',
      linked: (user, issuer) => users.mobileConnectSubs(asUser(user).id, issuer),
      link: async (user, { issuer, sub }) => {
        await users.linkMobileConnect(asUser(user).id, issuer, sub)
        return true
      },
    },
    async ({ issuer, sub, phone }) => {
      const user = await users.byMobileConnect(issuer, sub, phone)
      // The operator asks whose hand the SIM card is in now.
      return user?.phone !== undefined && await simIsNew(user.phone) ? undefined : user
    },
  )

function addressesOf(operators: OperatorCredentials | SimulatorAddress, callbackURL: string): StrategyOptions {
  // The number comes with the answer: it tells whose phone it was.
  if ('issuer' in operators) return { operator: operators, callbackURL, scope: 'openid mc_authn phone' }
  const { discovery, issuers } = operators
  return {
    discovery: gsmaDiscovery({ ...discovery, issuers, redirectURL: callbackURL }),
    callbackURL: `${callbackURL}/{operator}`,
    // The number comes with the answer, so that a person can log in who never gave a password.
    scope: 'openid mc_authn mc_identity_phonenumber',
    // Nothing that the phone shows goes through the browser, so that a transfer may be confirmed there.
    pushedAuthorizationRequests: true,
  }
}
