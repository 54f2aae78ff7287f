import { randomInt } from 'node:crypto'
import { refused, unknownOutcome } from '../provider-error.js'
import type { SmsMessage } from '../sender.js'
import type { Keeper } from './keeper.js'
import type { Link } from './link.js'
import type { SmppSettings } from './options.js'
import { partsOf, type Part } from './parts.js'
import type { Receipts } from './receipts.js'
import { isUnbound, submitProblem } from './status.js'
import { createWindow } from './window.js'

export type Submit = (message: SmsMessage, signal: AbortSignal) => Promise<{ id?: string }>

/** Hands texts to the SMSC, the parts of a long one in turn, and not more at a time than the window allows. */
export function createSubmit(
  { source, window: size, alphabet, receipts: asked }: SmppSettings,
  keeper: Keeper,
  receipts: Receipts,
): Submit {
  const window = createWindow(size)
  let partsReference = randomInt(256)

  async function submitPart(fields: object, part: Part, signal: AbortSignal): Promise<string | undefined> {
    if (!await window.enter(signal)) throw refused('The text waited too long for its turn.', { temporary: true })
    let link: Link | undefined
    try {
      link = await unlessAborted(keeper.link(), signal)
      const answer = await link.request('submit_sm', { ...fields, ...part }, signal)
      if (isUnbound(answer)) link.drop()
      const problem = submitProblem(answer)
      if (problem) throw problem
      return answer.message_id
    } finally {
      window.leave()
      if (signal.aborted) link?.check()
    }
  }

  return async ({ to, body, validFor, reference }, signal) => {
    const fields = { ...source, dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: to.replace('+', ''), ...validity(validFor) }
    partsReference = (partsReference + 1) % 256
    const ids: (string | undefined)[] = []
    for (const part of partsOf(body, partsReference, alphabet)) {
      const registered_delivery = asked && ids.length === 0 ? 1 : 0
      const submitted = submitPart({ ...fields, registered_delivery }, part, signal)
      ids.push(await submitted.catch((error: unknown) => { throw ids.length === 0 ? error : takenInPart(error) }))
    }
    const [id] = ids
    if (id === undefined || id === '') return {}
    if (asked && reference !== undefined) receipts.sent(id, reference)
    return { id }
  }
}

/** SMPP 3.4 §7.1.1, relative: the SMSC gives up when the code is dead, and no late text holds one. */
function validity(seconds: number | undefined): { validity_period?: string } {
  if (seconds === undefined) return {}
  const time = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0'))
  return { validity_period: `000000${time.join('')}000R` }
}

/** The code may stand in a part that was taken. */
const takenInPart = (error: unknown): Error => unknownOutcome('The SMSC took only some parts of the text.', error instanceof Error ? { cause: error } : {})

function unlessAborted(opening: Promise<Link>, signal: AbortSignal): Promise<Link> {
  return new Promise((resolve, reject) => {
    const late = () => { reject(refused('There was no session with the SMSC in time.', { temporary: true })) }
    signal.addEventListener('abort', late, { once: true })
    void opening.then(resolve, reject).finally(() => { signal.removeEventListener('abort', late) })
  })
}
