import { createHash } from 'node:crypto'
import { MobileConnectError } from '../errors.js'
import { RecentMap } from '../recent-map.js'
import { readOperator, type OperatorDefaults } from './read-operator.js'
import type { OperatorOptions } from './operator-options.js'
import { Operator, type OperatorCalls } from './operator.js'

/** How a transaction names its operator. */
export interface OperatorReference {
  readonly operator: string
  readonly issuer: string
  readonly clientId: string
  readonly discovered?: OperatorOptions | undefined
}

/** All operators of a strategy: the operators in its options, and the operators that discovery found. */
export class Operators {
  private readonly configured: ReadonlyMap<string, Operator>
  private readonly found = new RecentMap<Operator>(200)

  private readonly defaults: OperatorDefaults
  private readonly calls: OperatorCalls

  constructor(options: readonly OperatorOptions[], defaults: OperatorDefaults, calls: OperatorCalls) {
    this.defaults = defaults
    this.calls = calls
    const operators = options.map((operator, index) => {
      const name = options.length === 1 ? 'operator' : `operators[${index}]`
      return new Operator(readOperator(name, operator, defaults), calls)
    })
    this.configured = new Map(operators.map((operator) => [operator.settings.id, operator]))
    if (this.configured.size < operators.length) {
      throw new TypeError('operators: two of them have the same id. Give each an id of its own.')
    }
  }

  get all(): Operator[] {
    return [...this.configured.values()]
  }

  get(id: unknown): Operator | undefined {
    return typeof id === 'string' ? this.configured.get(id) : undefined
  }

  /** The same object for the same answer of discovery. Otherwise each login would fetch the metadata again. */
  discovered(options: OperatorOptions): Operator {
    const key = createHash('sha256').update(JSON.stringify(options)).digest('base64url')
    const known = this.found.get(key)
    if (known) return known
    const operator = new Operator(settingsOf(options, this.defaults), this.calls)
    this.found.set(key, operator)
    return operator
  }

  /** The operator that a transaction was begun with. `undefined` when the options have changed since. */
  of({ operator: id, issuer, clientId, discovered }: OperatorReference): Operator | undefined {
    const operator = discovered ? this.discovered(discovered) : this.configured.get(id)
    return operator?.settings.issuer === issuer && operator.settings.clientId === clientId ? operator : undefined
  }
}

/** The answer of discovery is checked like options. When it is wrong, discovery failed, and not the app. */
function settingsOf(options: OperatorOptions, defaults: OperatorDefaults) {
  try {
    return readOperator('The operator that discovery found', options, defaults)
  } catch (error) {
    throw new MobileConnectError('discovery_failed', 'Discovery names an operator that cannot be used.', {
      cause: error,
    })
  }
}
