import {
  camara, Strategy as NumberVerificationStrategy, type CreateProvider, type TransactionStore,
} from 'passport-number-verification'
import type { SimulatorAddress } from '../mobile-connect/simulator.js'
import { simIsNewAt, type SimIsNew } from './sim-swaps.js'

export interface NumberVerificationOptions {
  readonly operators: SimulatorAddress
  readonly store: TransactionStore
  /** Of this app, as browsers see it. */
  readonly url: string
}

/** The mobile network says whether the phone of this browser has the number of the account. */
export const numberVerificationStrategy = ({ operators, store, url }: NumberVerificationOptions) =>
  new NumberVerificationStrategy({
    provider: unlessSwapped(
      camara({ ...operators.network, clientKey: { key: operators.keys.app } }),
      simIsNewAt(operators),
    ),
    callbackURL: `${url}/login/number-verification/callback`,
    store,
    // Everybody's phone is here, and people try things out.
    beginLimits: { '1h': 1000 },
  })

/** The network vouches for the SIM card. A new one proves as little as a text to it, so the network is not asked. */
const unlessSwapped = (create: CreateProvider, simIsNew: SimIsNew): CreateProvider => (tools) => {
  const { network, ...provider } = create(tools)
  if (network === undefined) return provider
  return {
    ...provider,
    network: {
      begin: async (question, leaving) => {
        const { phone = '', signal } = question
        const isNew = await simIsNew(phone, signal)
        return isNew ? { status: 'unavailable', reason: 'refused' } : network.begin(question, leaving)
      },
      end: (question, returned) => network.end(question, returned),
    },
  }
}
