/** Who the operators' subjects are here: `sub` means something only beside its issuer (OpenID Connect Core 1.0 §2). */
export interface Links {
  owner(issuer: string, sub: string): Promise<string | undefined>
  /** What this person is called at this issuer. */
  subs(id: string, issuer: string): Promise<string[]>
  add(id: string, issuer: string, sub: string): Promise<void>
  /** With another number, another contract. */
  removeAll(id: string): Promise<void>
}

export const linkName = (issuer: string, sub: string): string => JSON.stringify([issuer, sub])

/** Of links and who owns them. */
export const subsIn = (owners: Iterable<readonly [string, string]>, id: string, issuer: string): string[] =>
  [...owners]
    .filter(([, owner]) => owner === id)
    .map(([link]) => JSON.parse(link) as [string, string])
    .filter(([at]) => at === issuer)
    .map(([, sub]) => sub)

export function memoryLinks(): Links {
  const owners = new Map<string, string>()
  return {
    owner: async (issuer, sub) => owners.get(linkName(issuer, sub)),
    subs: async (id, issuer) => subsIn(owners, id, issuer),
    add: async (id, issuer, sub) => void owners.set(linkName(issuer, sub), id),
    removeAll: async (id) => {
      for (const [link, owner] of owners) if (owner === id) owners.delete(link)
    },
  }
}
