import type { OperatorContext } from './context.js'
import type { Misbehaviour } from './misbehaviour.js'

/** The defect that was asked for, if it is one of these, counted down. */
export function takeDefect(
  { state }: Pick<OperatorContext, 'state'>,
  kinds: readonly Misbehaviour[],
): Misbehaviour | undefined {
  const { defect } = state
  if (!defect || !kinds.includes(defect.kind)) return undefined
  defect.left -= 1
  if (defect.left <= 0) state.defect = undefined
  return defect.kind
}
