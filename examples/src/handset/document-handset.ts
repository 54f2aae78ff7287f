import type { Documents, Expiring } from 'passport-sql-stores'
import { unavailable } from '../errors.js'
import { changeOne, NEVER } from '../users/change-one.js'
import { arrivals, type Handset, type Text } from './handset.js'

interface Inbox extends Expiring {
  /** How many came before those that are kept. */
  readonly dropped: number
  readonly texts: readonly Text[]
}

const KEY = 'example:handset'
const MOST_KEPT = 200
const POLL = 300

/** One handset for all processes. A database tells nobody of news: while a person looks, it is asked for them. */
export function documentHandset(documents: Documents): Handset {
  const { tell, onText } = arrivals()
  const inbox = async () => (await documents.read<Inbox>([KEY])).records[0]
  let [lookers, told] = [0, 0]
  let timer: NodeJS.Timeout | undefined
  const look = async () => {
    const { dropped = 0, texts = [] } = await inbox().catch(() => undefined) ?? {}
    for (const text of texts.slice(Math.max(0, told - dropped))) tell(text)
    told = Math.max(told, dropped + texts.length)
    if (lookers > 0) timer = setTimeout(() => void look(), POLL).unref()
  }
  const begin = async () => {
    const { dropped = 0, texts = [] } = await inbox().catch(() => undefined) ?? {}
    told = dropped + texts.length
    await look()
  }
  return {
    deliver: (text) => changeOne<Inbox, undefined>(documents, KEY, (kept) => {
      const texts = [...kept?.texts ?? [], text]
      const gone = Math.max(0, texts.length - MOST_KEPT)
      const dropped = (kept?.dropped ?? 0) + gone
      return { record: { dropped, texts: texts.slice(gone), expiresAt: NEVER }, answer: undefined }
    }).catch((error: unknown) => { throw unavailable(error) }),
    texts: async () => {
      const kept = await inbox().catch((error: unknown) => { throw unavailable(error) })
      return [...kept?.texts ?? []]
    },
    onText: (listener) => {
      lookers += 1
      if (lookers === 1) void begin()
      const end = onText(listener)
      return () => {
        end()
        lookers -= 1
        if (lookers === 0) clearTimeout(timer)
      }
    },
  }
}
