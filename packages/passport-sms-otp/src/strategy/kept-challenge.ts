import type { Request } from 'express'
import { SmsOtpError } from '../lib/errors.js'
import { ownField } from './own-field.js'

/** Where the handle of a challenge waits between the text and the code. */
export interface KeptChallenge {
  readonly handle: unknown
  /** The client gets the handle in the answer. */
  readonly shown: boolean
  keep(handle: string): void
  forget(): void
}

const KEY = 'sms-otp'

const nowhere = { keep: () => undefined, forget: () => undefined }

/** With `options.challenge` (a handle, or `null`) the caller keeps it. */
export const keptByCaller = (handle: unknown): KeptChallenge => ({ handle, shown: false, ...nowhere })

export const keptByClient = (handle: unknown): KeptChallenge => ({ handle, shown: true, ...nowhere })

/** Under one fixed key of the session, by `slot`: a code for one purpose leaves that for another alone. */
export function keptInSession(req: Request, slot: string): KeptChallenge {
  const session: unknown = (req as { session?: unknown }).session
  if (typeof session !== 'object' || session === null) {
    throw new SmsOtpError('misconfigured', 'The challenge of a code is kept in the session, and there is none: put app.use(session({ ... })) '
      + 'of express-session before this route, or set challengeIn: \'client\'.')
  }
  const holder = session as Record<string, unknown>
  const others = (): Record<string, unknown> => {
    const kept = Object.entries({ ...holder[KEY] as object | undefined })
    return Object.fromEntries(kept.filter(([other]) => other !== slot))
  }
  return {
    handle: ownField(holder[KEY], slot),
    shown: false,
    keep: (handle) => { holder[KEY] = { ...others(), [slot]: handle } },
    forget: () => {
      const rest = others()
      if (Object.keys(rest).length > 0) holder[KEY] = rest
      // express-session keeps what has a value: assigning undefined would leave the key.
      else Reflect.deleteProperty(holder, KEY)
    },
  }
}
