import type { Factor } from '../factors/factor.js'
import type { Request } from '../http/request.js'
import { typedCode } from '../lib/typed-code.js'

/** Where strategies look for a code that a person types. */
const codeFields = ['code', 'otp', 'token', 'passcode', 'totp']

/**
 * The body that a strategy gets to read: a code that was typed as it is shown (`123 456`) reaches it as its digits, for most compare what they
 * find as it is. Only codes of digits, and only where a code proves possession: a password's spaces are its own, an alphabet is the strategy's
 * own, and what comes back from another site was not typed.
 */
export async function withFoldedCodes(req: Request, factor: Factor): Promise<unknown> {
  const body: unknown = req.body
  if (typeof body !== 'object' || body === null || factor.redirects || factor.kind === 'knowledge' || !(factor.kind ?? factor.once)) return body
  const token = await factor.once?.(req)
  const folded = Object.entries(body).filter(([name, value]) => codeFields.includes(name) || value === token).flatMap(([name, value]): [string, string][] => {
    const code = typeof value === 'string' ? typedCode(value) : ''
    return /^\d{4,12}$/.test(code) && code !== value ? [[name, code]] : []
  })
  return folded.length === 0 ? body : { ...body, ...Object.fromEntries(folded) }
}
