/** @throws TypeError for anything but a whole number between these, themselves included. */
export function wholeBetween(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  throw new TypeError(`${name} is a whole number from ${least} to ${most}, not ${JSON.stringify(value)}.`)
}
