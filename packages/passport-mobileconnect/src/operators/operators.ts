import { createHash } from 'node:crypto'
import { MobileConnectError } from '../errors.js'
import { RecentMap } from '../recent-map.js'
import { readOperator, type OperatorDefaults } from './read-operator.js'
import type { OperatorOptions } from './operator-options.js'
import { Operator, type OperatorCalls } from './operator.js'

/** Where in a transaction an operator stands. */
export interface OperatorReference {
  readonly operator: string
  readonly issuer: string
  readonly clientId: string
  readonly discovered?: OperatorOptions | undefined
}

/** Every operator this strategy deals with: those of its configuration, and those that discovery found. */
export class Operators {
  private readonly configured: ReadonlyMap<string, Operator>
  private readonly found = new RecentMap<Operator>(200)

  private readonly defaults: OperatorDefaults
  private readonly calls: OperatorCalls

  constructor(options: readonly OperatorOptions[], defaults: OperatorDefaults, calls: OperatorCalls) {
    this.defaults = defaults
    this.calls = calls
    const operators = options.map((operator, index) => new Operator(readOperator(options.length === 1 ? 'operator' : `operators[${index}]`, operator, defaults), calls))
    this.configured = new Map(operators.map((operator) => [operator.settings.id, operator]))
    if (this.configured.size < operators.length) throw new TypeError('operators: two of them have the same id. Give each an id of its own.')
  }

  get all(): Operator[] {
    return [...this.configured.values()]
  }

  get(id: unknown): Operator | undefined {
    return typeof id === 'string' ? this.configured.get(id) : undefined
  }

  /** The same one as long as discovery says the same of it, so that what it publishes is not fetched at each login. */
  discovered(options: OperatorOptions): Operator {
    const key = createHash('sha256').update(JSON.stringify(options)).digest('base64url')
    const known = this.found.get(key)
    if (known) return known
    const operator = new Operator(settingsOf(options, this.defaults), this.calls)
    this.found.set(key, operator)
    return operator
  }

  /** The one a transaction was begun with; `undefined` when the configuration has changed since. */
  of({ operator: id, issuer, clientId, discovered }: OperatorReference): Operator | undefined {
    const operator = discovered ? this.discovered(discovered) : this.configured.get(id)
    return operator?.settings.issuer === issuer && operator.settings.clientId === clientId ? operator : undefined
  }
}

/** What discovery says of an operator is checked like a configuration; that it is wrong is not this app's mistake. */
function settingsOf(options: OperatorOptions, defaults: OperatorDefaults) {
  try {
    return readOperator('The operator that discovery found', options, defaults)
  } catch (error) {
    throw new MobileConnectError('discovery_failed', 'Discovery names an operator that can not be used.', { cause: error })
  }
}
