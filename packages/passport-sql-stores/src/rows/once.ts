/** Does it the first time that it is called: a connection goes back to its pool once, whoever is first to say how. */
export function once<Value>(work: (value: Value) => void): (value: Value) => void {
  let isDone = false
  return (value) => {
    if (isDone) return
    isDone = true
    work(value)
  }
}
