/** Answers of a pure function about one object, each by a text of all else that it was found from. */
export type Memo<T> = Map<string, T>

/** A memo with more answers starts anew, so that none grows without end. */
const mostAnswers = 256

/** The memo of an object. It goes when the object goes. */
export function memoOf<T>(memos: WeakMap<object, Memo<T>>, about: object): Memo<T> {
  const known = memos.get(about)
  if (known) return known
  const memo: Memo<T> = new Map()
  memos.set(about, memo)
  return memo
}

/** Keeps an answer, and gives it. */
export function keepAnswer<T>(memo: Memo<T>, key: string, answer: T): T {
  if (memo.size >= mostAnswers) memo.clear()
  memo.set(key, answer)
  return answer
}
