/** How many numbers an answer is kept for. */
export const NUMBERS_KEPT = 10_000

/**
 * The entries that were set lately: at most `capacity` of them, and at least half as many. Two generations take turns:
 * no order has to be kept, and no call pays for clearing many at once.
 */
export class RecentEntries<Value> {
  private readonly capacity: number
  private young = new Map<string, Value>()
  private old = new Map<string, Value>()

  constructor(capacity: number) {
    this.capacity = capacity
  }

  get(name: string): Value | undefined {
    return this.young.get(name) ?? this.old.get(name)
  }

  set(name: string, value: Value): void {
    if (this.young.size >= this.capacity / 2) {
      this.old = this.young
      this.young = new Map()
    }
    this.young.set(name, value)
  }
}

/** The same function, which is not asked again for the texts it was asked lately, at most `capacity` of them. */
export function recently<Answer>(capacity: number, ask: (text: string) => Answer): (text: string) => Answer {
  const answers = new RecentEntries<Answer>(capacity)
  return (given) => {
    const known = answers.get(given)
    if (known !== undefined) return known
    const text = copyOf(given)
    const answer = ask(text)
    answers.set(text, answer)
    return answer
  }
}

/** A text that was cut out of the body of a request keeps the whole body alive. A copy keeps itself alone. */
const copyOf = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le')
