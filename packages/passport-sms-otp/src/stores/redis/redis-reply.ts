import { SmsOtpError } from '../../lib/errors.js'

/**
 * By status, how the whole numbers that follow it in the reply make an answer. A function's arity is how many there
 * must be.
 */
export type Answers<Answer> = Record<string, (...numbers: number[]) => Answer>

/** Some clients give whole numbers as texts: those that are exact are the same. */
const exact = (value: unknown): unknown => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value)

/** Reads a script's reply. Whatever is not exactly one of the answers rejects: a limit must not depend on a guess. */
export function readReply<Answer>(reply: unknown, answers: Answers<Answer>): Answer {
  const [status, ...told] = Array.isArray(reply) ? reply as unknown[] : []
  const answer = typeof status === 'string' && Object.hasOwn(answers, status) ? answers[status] : undefined
  const numbers = told.map(exact)
  if (!answer || answer.length !== numbers.length || !numbers.every(isInteger)) {
    throw new SmsOtpError('store_unavailable', 'Redis answered a script with something the challenge store does not know.')
  }
  return answer(...numbers)
}

/** Takes the name, written `=name`, from the end of a reply. */
export function splitNamed(reply: unknown): { readonly numbers: unknown, readonly name: string | undefined } {
  const words = Array.isArray(reply) ? reply as unknown[] : []
  const last = words.at(-1)
  const isName = typeof last === 'string' && last.startsWith('=')
  return isName ? { numbers: words.slice(0, -1), name: last.slice(1) } : { numbers: reply, name: undefined }
}

/** Reads what is a list of names and values in turn. */
export function readPairs(reply: unknown): Readonly<Record<string, string>> {
  const words = Array.isArray(reply) ? reply as unknown[] : [undefined]
  if (words.length % 2 !== 0 || !words.every((word) => typeof word === 'string')) {
    throw new SmsOtpError('store_unavailable', 'Redis answered a script with something the challenge store does not know.')
  }
  return Object.fromEntries(
    words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1]]] : [])),
  ) as Record<string, string>
}

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value)

export function unavailable(cause: unknown): SmsOtpError {
  return cause instanceof SmsOtpError ? cause : new SmsOtpError('store_unavailable', 'The challenge store in Redis did not answer.', { cause })
}
