/**
 * What a function answered for the texts it was asked lately, at most `capacity` of them. Two generations take turns:
 * no order has to be kept, and no call pays for clearing many at once.
 */
export function recently<Answer>(capacity: number, ask: (text: string) => Answer): (text: string) => Answer {
  let young = new Map<string, Answer>()
  let old = new Map<string, Answer>()
  return (given) => {
    const known = young.get(given)
    if (known !== undefined) return known
    const text = copyOf(given)
    const answer = old.get(text) ?? ask(text)
    if (young.size >= capacity / 2) {
      old = young
      young = new Map()
    }
    young.set(text, answer)
    return answer
  }
}

/** A text that was cut out of the body of a request keeps the whole body alive. A copy keeps itself alone. */
const copyOf = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le')
