import { objectOf, nonEmptyText } from './http-exchange.js'

/** An operator's links by `rel`, in lower case. `scope` and `applicationshortname` are texts, all others are URLs. */
export type Links = Readonly<Partial<Record<string, string>>>

/** Reads a list of `{ rel, href }` in any order. Of two with the same `rel`, the first counts. */
export function readLinks(list: unknown): Links {
  const entries = (Array.isArray(list) ? list : []).map(objectOf)
    .map((link) => [nonEmptyText(link?.rel)?.toLowerCase(), nonEmptyText(link?.href)] as const)
    .filter((entry): entry is readonly [string, string] => entry[0] !== undefined && entry[1] !== undefined)
  return Object.fromEntries(entries.reverse())
}
