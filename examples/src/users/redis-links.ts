import { answered, type Redis } from '../stores/redis.js'
import { linkName, subsIn, type Links } from './links.js'

export const redisLinks = (client: Redis, key: string): Links => ({
  owner: async (issuer, sub) => await answered(client.hGet(key, linkName(issuer, sub))) ?? undefined,
  subs: async (id, issuer) => subsIn(Object.entries(await answered(client.hGetAll(key))), id, issuer),
  add: async (id, issuer, sub) => {
    await answered(client.hSet(key, linkName(issuer, sub), id))
  },
  removeAll: async (id) => {
    const links = Object.entries(await answered(client.hGetAll(key)))
      .filter(([, owner]) => owner === id)
      .map(([link]) => link)
    if (links.length > 0) await answered(client.hDel(key, links))
  },
})
