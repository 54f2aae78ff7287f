import { textIn, type Request } from '../http/request.js'

/** This field says that a page of ours has passed an answer on already. A page passes an answer on once. */
export const passedOn = 'multistep-passed-on'

export const isPassedOn = (req: Request): boolean =>
  [req.body, req.query].some((values) => textIn(values, passedOn) !== undefined)

/** An answer holds no more than this: a SAML response with its signatures and attributes is the largest. */
const largestAnswer = { fields: 50, characters: 512 * 1024 }

/** The fields of an answer. `undefined`: a form could not hold them. */
export function fieldsToPassOn(req: Request): readonly (readonly [string, string])[] | undefined {
  const values: unknown = req.method === 'POST' ? req.body : req.query
  const fields = Object.entries(typeof values === 'object' && values !== null ? values : {})
  const isText = (field: [string, unknown]): field is [string, string] => typeof field[1] === 'string'
  if (fields.length > largestAnswer.fields || !fields.every(isText)) return undefined
  const characters = fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  return characters > largestAnswer.characters ? undefined : fields
}

/**
 * Leaves the session of this request unwritten, if it is new. The request came without the cookie of the browser's own
 * session, and the cookie of a new session would replace that one.
 */
export function leaveSessionAlone(req: Request): void {
  const session = req.session as Record<string, unknown> | null | undefined
  if (session && Object.keys(session).every((key) => key === 'cookie')) req.session = null
}
