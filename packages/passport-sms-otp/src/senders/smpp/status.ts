import { refused, unknownOutcome } from '../provider-error.js'
import { errors, type Pdu } from './library.js'

// SMPP 3.4 §5.1.3
const ESME_ROK = 0
const ABOUT_THE_PERSON = ['ESME_RINVDSTADR', 'ESME_RINVDSTTON', 'ESME_RINVDSTNPI', 'ESME_RINVDSTADDRSUBUNIT', 'ESME_RX_P_APPN', 'ESME_RX_R_APPN']
const NOBODY_KNOWS = ['ESME_RSYSERR', 'ESME_RUNKNOWNERR']
const VENDOR = { from: 0x400, to: 0x4ff }

const namesOfStatuses = new Map(Object.entries(errors).map(([name, status]) => [status, name]))

/** The name in the standard, or the number as hexadecimal. */
const nameOf = (status: number): string => namesOfStatuses.get(status) ?? `0x${status.toString(16).padStart(8, '0')}`

/** What the answer to `submit_sm` means; nothing if the text was taken. */
export function submitProblem({ command, command_status: status }: Pdu): Error | undefined {
  if (status === ESME_ROK) return command === 'submit_sm_resp' ? undefined : unknownOutcome('The SMSC gave an answer to something else.', {})
  const providerCode = nameOf(status)
  if (NOBODY_KNOWS.includes(providerCode)) return unknownOutcome(`The SMSC failed: ${providerCode}.`, { providerCode })
  // A vendor's own code may mean that the person opted out, so it counts as final.
  const temporary = !ABOUT_THE_PERSON.includes(providerCode) && !(status >= VENDOR.from && status <= VENDOR.to)
  return refused(`The SMSC refused the text: ${providerCode}.`, { providerCode, temporary })
}

/**
 * What the answer to a bind means. It is about the account and not the person: later, or through another sender, the
 * text may leave.
 */
export function bindProblem(asked: string, { command, command_status: status }: Pdu): Error | undefined {
  if (status === ESME_ROK) return command === `${asked}_resp` ? undefined : refused('The SMSC gave an answer to something else.', { temporary: true })
  return refused(`The SMSC refused the session: ${nameOf(status)}.`, { providerCode: nameOf(status), temporary: true })
}

/** The SMSC has forgotten the session. */
export const isUnbound = ({ command_status: status }: Pdu): boolean => nameOf(status) === 'ESME_RINVBNDSTS'
