/** The numbers that people gave at a login. */
export interface Numbers {
  /** E.164. */
  of(id: string): Promise<string | undefined>
  owner(phone: string): Promise<string | undefined>
  /** One number for each person, and one person for each number: of any parallel claims, one is true. */
  claim(id: string, phone: string): Promise<boolean>
}

export function memoryNumbers(): Numbers {
  const phones = new Map<string, string>()
  const owner = (phone: string) => [...phones].find(([, taken]) => taken === phone)?.[0]
  return {
    of: async (id) => phones.get(id),
    owner: async (phone) => owner(phone),
    claim: async (id, phone) => {
      if (phones.has(id) || owner(phone) !== undefined) return false
      phones.set(id, phone)
      return true
    },
  }
}
