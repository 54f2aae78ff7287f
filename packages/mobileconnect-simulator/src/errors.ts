/** Every code of a `SimulatorError`. */
export type SimulatorErrorCode =
  | 'operator_unknown' | 'subscriber_unknown'
  | 'prompt_missing' | 'prompt_unknown' | 'prompt_answered'
  | 'pin_missing' | 'pin_wrong'
  | 'text_missing' | 'sim_missing' | 'value_unknown'
  | 'cross_site' | 'production' | 'port_in_use'

const statuses: Readonly<Record<SimulatorErrorCode, number>> = {
  operator_unknown: 404, subscriber_unknown: 404,
  prompt_missing: 404, prompt_unknown: 404, prompt_answered: 409,
  pin_missing: 400, pin_wrong: 403,
  text_missing: 404, sim_missing: 409, value_unknown: 400,
  cross_site: 403, production: 500, port_in_use: 500,
}

/**
 * Thrown when a test, or a user of a handset, asks for what the simulator does not have or allow.
 * @example
 * await sim.handset('+447700900001').approve().catch((error: SimulatorError) => {
 *   if (error.code !== 'prompt_missing') throw error // nobody has asked yet
 * })
 */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError'
  readonly code: SimulatorErrorCode
  /** What HTTP answers. */
  readonly status: number

  constructor(code: SimulatorErrorCode, message: string) {
    super(message)
    this.code = code
    this.status = statuses[code]
  }
}
