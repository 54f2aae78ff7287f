import type { SmsOtp, TraceEntry } from 'passport-sms-otp'

/** A line of what happened to a person's codes, as they may read it. */
export interface CodeLine {
  readonly at: string
  readonly to: string | null
  readonly text: string
}

const MOST_LINES = 20

/** What happened to the last codes of a person, the newest first. The help desk would read the entries as they are. */
export async function codeStory(otp: SmsOtp, userId: string): Promise<readonly CodeLine[]> {
  const trace = await otp.trace(userId)
  return trace.slice(-MOST_LINES).reverse().map((entry) => {
    const { at, lastAt = at, to, times } = entry
    const again = times === undefined ? '' : ` (${times} times)`
    return { at: lastAt.toISOString(), to: to ?? null, text: `${sentenceOf(entry)}${again}` }
  })
}

function sentenceOf(entry: TraceEntry): string {
  const way = entry.channel === 'voice' ? 'call' : 'text'
  switch (entry.type) {
    case 'asked': return `A ${way} was asked for.`
    case 'refused': return `No ${way} left: ${reasons[entry.reason] ?? entry.reason}.`
    case 'sent': return `The ${way} left.`
    case 'undeliverable': return `The ${way} could not be sent.`
    case 'reported': return entry.delivery === 'delivered' ? `The ${way} arrived.` : `The network says of the ${way}: ${entry.delivery}.`
    case 'guessed': return entry.reason === 'wrong' ? 'A wrong code was entered.' : `A code was entered, and did not count: ${entry.reason}.`
    case 'verified': return 'The code was entered.'
    case 'locked': return 'After too many wrong codes no code counted for a while.'
    case 'disabled': return 'After too many wrong codes no code counts any more.'
    case 'enabled': return 'Codes count again.'
    case 'expired': return 'The code expired before it was entered.'
  }
}

const reasons: Readonly<Record<string, string>> = {
  'sim-swap': 'the SIM card of the number is new',
  delay: 'one had left just before',
  phone: 'too many had been asked for',
  resends: 'too many had been asked for',
  locked: 'too many wrong codes had been entered',
  'number-type': 'the number cannot be texted',
  country: 'the number cannot be texted',
}
