import { randomInt, randomUUID } from 'node:crypto'
import type { CodeGuess, CodeProvider, CodeStart, CodeVerdict } from '../../src/providers/provider.js'

interface Verification { readonly code: string, triesLeft: number, isUsed: boolean }

/** What a provider does from now on in place of its work. */
type Instead<Answer> = (() => Answer | Promise<Answer>) | undefined

/**
 * A provider as a programmer writes it whom nobody here knows. It makes a code for each start, takes so many guesses and
 * each code once.
 */
export function codeProvider({ tries = 5, ...traits }: Partial<CodeProvider> & { tries?: number } = {}) {
  const verifications = new Map<string, Verification>()
  const starts: CodeStart[] = []
  const guesses: CodeGuess[] = []
  let instead: { start?: Instead<{ id: string }>, check?: Instead<CodeVerdict> } = {}

  function judge({ id, code }: CodeGuess): CodeVerdict {
    const known = verifications.get(id)
    if (!known || known.isUsed) return 'expired'
    if (known.triesLeft === 0) return 'exhausted'
    known.triesLeft -= 1
    known.isUsed = known.code === code
    return known.isUsed ? 'right' : 'wrong'
  }

  const provider: CodeProvider = {
    name: 'acme',
    development: true,
    ...traits,
    async start(start) {
      starts.push(start)
      if (instead.start) return instead.start()
      const id = randomUUID()
      verifications.set(id, { code: String(randomInt(1_000_000)).padStart(6, '0'), triesLeft: tries, isUsed: false })
      return { id, status: 'pending' }
    },
    async check(guess) {
      guesses.push(guess)
      return instead.check ? instead.check() : judge(guess)
    },
  }
  return {
    provider,
    starts,
    guesses,
    /** The newest code, as it stands in the text. */
    get code() { return [...verifications.values()].at(-1)!.code },
    get id() { return [...verifications.keys()].at(-1)! },
    does(other: typeof instead) { instead = other },
  }
}
