/** The numbers that people gave, at a login or in the settings. */
export interface Numbers {
  /** E.164. */
  of(id: string): Promise<string | undefined>
  owner(phone: string): Promise<string | undefined>
  /**
   * For a person without a number. One number for each person, and one person for each number: of any parallel claims,
   * one is true.
   */
  claim(id: string, phone: string): Promise<boolean>
  /** In the place of the one they had. `false`: it is another person's. */
  change(id: string, phone: string): Promise<boolean>
}

export function memoryNumbers(): Numbers {
  const phones = new Map<string, string>()
  const owner = (phone: string) => [...phones].find(([, taken]) => taken === phone)?.[0]
  const change = (id: string, phone: string) => {
    if ((owner(phone) ?? id) !== id) return false
    phones.set(id, phone)
    return true
  }
  return {
    of: async (id) => phones.get(id),
    owner: async (phone) => owner(phone),
    claim: async (id, phone) => !phones.has(id) && change(id, phone),
    change: async (id, phone) => change(id, phone),
  }
}
