import type { Subscriber } from '../configuration.js'
import type { RunningOperator } from '../operator/operator.js'
import type { Network } from './request.js'

export interface Directory {
  readonly operators: readonly RunningOperator[]
  byId(id: string | undefined): RunningOperator | undefined
  byNetwork(network: Network): RunningOperator | undefined
  /** Whose subscriber has this number. */
  byNumber(digits: string): RunningOperator | undefined
}

export function directoryOf(operators: readonly RunningOperator[], subscribers: readonly Subscriber[]): Directory {
  const byId = (id: string | undefined) => operators.find(({ control }) => control.id === id)
  return {
    operators, byId,
    byNetwork: ({ mcc, mnc }) => operators.find(({ control }) => control.mcc === mcc && control.mnc === mnc),
    byNumber: (digits) => byId(subscribers.find((subscriber) => subscriber.digits === digits)?.operator),
  }
}
