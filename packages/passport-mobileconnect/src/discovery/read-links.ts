import { objectOf, nonEmptyText } from './http-exchange.js'

/** Where an operator is, by `rel` in lower case. `scope` and `applicationshortname` are texts, everything else is a URL. */
export type Links = Readonly<Partial<Record<string, string>>>

/** A list of `{ rel, href }` in any order. Of two of one name the first counts. */
export function readLinks(list: unknown): Links {
  const entries = (Array.isArray(list) ? list : []).map(objectOf)
    .map((link) => [nonEmptyText(link?.rel)?.toLowerCase(), nonEmptyText(link?.href)] as const)
    .filter((entry): entry is readonly [string, string] => entry[0] !== undefined && entry[1] !== undefined)
  return Object.fromEntries(entries.reverse())
}
