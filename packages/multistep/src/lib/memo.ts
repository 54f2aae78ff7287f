/** A memo with more answers starts anew, so that none grows without end. */
const most = 256

/** Keeps the answer of a pure function by what it was found from. */
export function keep<T>(memo: Map<string, T>, key: string, answer: T): T {
  if (memo.size >= most) memo.clear()
  memo.set(key, answer)
  return answer
}
