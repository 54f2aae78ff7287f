/** Who the operators' subjects are here: `sub` means something only beside its issuer (OpenID Connect Core 1.0 §2). */
export interface Links {
  owner(issuer: string, sub: string): Promise<string | undefined>
  add(id: string, issuer: string, sub: string): Promise<void>
  /** With another number, another contract. */
  removeAll(id: string): Promise<void>
}

export const linkName = (issuer: string, sub: string): string => JSON.stringify([issuer, sub])

export function memoryLinks(): Links {
  const owners = new Map<string, string>()
  return {
    owner: async (issuer, sub) => owners.get(linkName(issuer, sub)),
    add: async (id, issuer, sub) => void owners.set(linkName(issuer, sub), id),
    removeAll: async (id) => {
      for (const [link, owner] of owners) if (owner === id) owners.delete(link)
    },
  }
}
