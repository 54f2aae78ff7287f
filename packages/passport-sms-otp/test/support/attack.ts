import type { Server } from 'node:http'
import supertest from 'supertest'
import type { StrategyOptions } from '../../src/index.js'
import { createApp, type AppOptions } from './app.js'
import { clock, codeIn, type Clock } from './kit.js'
import type { MakeShelf, Shelf } from './stores.js'

export const DAY = 24 * 60 * 60_000
export const free = { delays: [], sendLimits: { phone: {}, ip: {}, prefix: {}, country: {} } }

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => { server.close(resolve).closeAllConnections() })
})

export interface Attacked extends Omit<ReturnType<typeof createApp>, 'time'> {
  readonly shelf: Shelf
  readonly time: Clock
  readonly server: Server
  /** The code in the last text. */
  code(to?: string): string
  /** A person whose browser got a text. */
  texted(body?: object): Promise<ReturnType<typeof supertest.agent>>
  /** The same app started again over the same data. */
  restarted(options?: AppOptions): Attacked
}

/** An app that listens, over a store of its own and a clock that tests set. */
export function attacked(makeShelf: MakeShelf, options: AppOptions = {}, { time = clock(), shelf = makeShelf(time.now) } = {}): Attacked {
  const kit = createApp({ ...options, strategy: { store: shelf.store, ...options.strategy } })
  const server = kit.app.listen(0, '127.0.0.1')
  servers.push(server)
  const agent = () => supertest.agent(server)
  return {
    ...kit,
    shelf,
    time,
    server,
    agent,
    code: (to) => codeIn(kit.inbox, to),
    async texted(body = {}) {
      const browser = agent()
      await browser.post('/send').send(body).expect(200)
      return browser
    },
    restarted: (changed = {}) => {
      const strategy = { ...options.strategy, ...changed.strategy, store: shelf.again() } as Partial<StrategyOptions>
      return attacked(makeShelf, { ...options, ...changed, strategy }, { time, shelf })
    },
  }
}

export const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

/** How often each code of this package came back; `200` for none. */
export function tally(answers: readonly { status: number, body: { code?: string } }[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, body: { code = String(status) } } of answers) counts[code] = (counts[code] ?? 0) + 1
  return counts
}
