import { answered, type Redis } from '../stores/redis.js'
import { arrivals, MOST_TEXTS, type Handset, type Text } from './handset.js'

/** One handset for all processes: a list of texts, and a channel of the same name that tells of new ones. */
export async function redisHandset(client: Redis, subscriber: Redis, key: string): Promise<Handset> {
  const { tell, onText } = arrivals()
  await subscriber.subscribe(key, (text) => tell(JSON.parse(text) as Text))
  return {
    deliver: async (text) => {
      const line = JSON.stringify(text)
      await answered(client.multi().rPush(key, line).lTrim(key, -MOST_TEXTS, -1).publish(key, line).exec())
    },
    texts: async () => (await answered(client.lRange(key, 0, -1))).map((line) => JSON.parse(line) as Text),
    onText,
  }
}
