import { randomInt } from 'node:crypto'
import { refused, unknownOutcome } from '../provider-error.js'
import type { SmsMessage } from '../sender.js'
import type { Keeper } from './keeper.js'
import type { Link } from './link.js'
import type { SmppSettings } from './options.js'
import { partsOf, type Part } from './parts.js'
import { isUnbound, submitProblem } from './status.js'
import { createWindow } from './window.js'

export type Submit = (message: SmsMessage, signal: AbortSignal) => Promise<{ id?: string }>

/** Hands texts to the SMSC, the parts of a long one in turn, and not more at a time than the window allows. */
export function createSubmit({ source, window: size }: SmppSettings, keeper: Keeper): Submit {
  const window = createWindow(size)
  let reference = randomInt(256)

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

  return async ({ to, body, validFor }, signal) => {
    const fields = { ...source, dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: to.replace('+', ''), ...validity(validFor) }
    reference = (reference + 1) % 256
    const ids: (string | undefined)[] = []
    for (const part of partsOf(body, reference)) {
      ids.push(await submitPart(fields, part, signal).catch((error: unknown) => { throw ids.length === 0 ? error : takenInPart(error) }))
    }
    return ids[0] ? { id: ids[0] } : {}
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
