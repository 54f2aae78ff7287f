/** @throws TypeError for an option that is not known, with the known name that looks most like it. */
export function checkOptionNames(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${what} takes an object of options.`)
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const [nearest] = known.map((name) => ({ name, far: distance(unknown.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.far - b.far)
  const hint = nearest && nearest.far <= 3 ? `Did you mean ${nearest.name}?` : `There are ${known.join(', ')}.`
  throw new TypeError(`${what} has no option ${unknown}. ${hint}`)
}

/** How many characters to insert, remove or replace to make one word of another (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
