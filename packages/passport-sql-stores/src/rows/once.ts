/** Works the first time that it is called. A connection goes back to its pool once: the first caller says how. */
export function once<Value>(work: (value: Value) => void): (value: Value) => void {
  let isDone = false
  return (value) => {
    if (isDone) return
    isDone = true
    work(value)
  }
}
