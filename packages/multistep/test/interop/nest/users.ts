import { people } from '../../support/app.js'

export interface Person { id: string, name: string, phone?: string, totpKey?: string, roles: string[] }

const accounts = Object.values(people()).map(({ password, id, name, key }) => {
  const person: Person = { id, name, roles: [], ...(key ? { totpKey: key } : {}) }
  return { password, person }
})

/** The accounts of the recipe's app. */
export const users = {
  byId: async (id: string): Promise<Person | undefined> => accounts.find(({ person }) => person.id === id)?.person,
  byPassword: async (name: string, password: string): Promise<Person | undefined> =>
    accounts.find((one) => one.person.name === name && one.password === password)?.person,
}
