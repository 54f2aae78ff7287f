import { textIn, type Request } from '../http/request.js'

/** The field that says that a page of ours has passed an answer on already: it does so once. */
export const passedOn = 'multistep-passed-on'

export const isPassedOn = (req: Request): boolean => [req.body, req.query].some((values) => textIn(values, passedOn) !== undefined)

/** As much as an answer holds at most: a SAML response with its signatures and attributes. */
const largestAnswer = { fields: 50, characters: 512 * 1024 }

/** The fields of an answer, or `undefined` for what is none that a form could hold. */
export function fieldsToPassOn(req: Request): readonly (readonly [string, string])[] | undefined {
  const values: unknown = req.method === 'POST' ? req.body : req.query
  const fields = Object.entries(typeof values === 'object' && values !== null ? values : {})
  const isText = (field: [string, unknown]): field is [string, string] => typeof field[1] === 'string'
  if (fields.length > largestAnswer.fields || !fields.every(isText)) return undefined
  const characters = fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  return characters > largestAnswer.characters ? undefined : fields
}

/** Leaves the session that this request was given in the place of the browser's own unwritten: its cookie would replace that one. */
export function leaveSessionAlone(req: Request): void {
  const session = req.session as Record<string, unknown> | null | undefined
  if (session && Object.keys(session).every((key) => key === 'cookie')) req.session = null
}
