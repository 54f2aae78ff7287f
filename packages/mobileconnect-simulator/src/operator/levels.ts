import type { Subscriber } from '../configuration.js'
import type { Level } from '../options.js'
import type { OperatorContext } from './context.js'

/** The first of the asked levels that this operator offers: `acr_values` is a list in order of preference. */
export const offeredLevels = ({ operator }: OperatorContext, acrValues: string): Level[] =>
  acrValues.split(' ').map(Number).filter((level): level is Level => operator.levels.includes(level as Level))

/** The first of them that this subscriber can reach: 3 and 4 need a PIN. */
export const levelFor = (context: OperatorContext, acrValues: string, { pin }: Subscriber): Level | undefined =>
  offeredLevels(context, acrValues).find((level) => level < 3 || pin !== undefined)
