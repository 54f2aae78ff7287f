/**
 * Lets only whole numbers through. A NaN would keep a transaction for ever, because no comparison with it is ever true.
 */
export function whole(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${name} is a whole number from 0 on, not ${value}.`)
  return value
}
