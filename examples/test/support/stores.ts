import { randomUUID } from 'node:crypto'
import { describeWithRedis, sharedRedisUrl } from '../../../test/support/redis.js'
import { createApp, type App, type AppOptions } from '../../src/app.js'

/** A Redis of all tests, with a prefix of this one's own. */
export const ownRedis = () => ({ url: sharedRedisUrl()!, prefix: `test:${randomUUID()}:` })

/** The same promises, kept in memory and in Redis. `start` makes an app that ends with its test. */
export function describeOnEveryStore(title: string, body: (start: (options?: AppOptions) => Promise<App['app']>) => void): void {
  const withStore = (options: () => AppOptions) => () => {
    const apps: App[] = []
    afterEach(async () => {
      for (const app of apps.splice(0)) await app.close()
    })
    body(async (more = {}) => {
      const app = await createApp({ ...options(), ...more })
      apps.push(app)
      return app.app
    })
  }
  describe(`${title}, in memory`, withStore(() => ({})))
  describeWithRedis(`${title}, in Redis`, withStore(() => ({ redis: ownRedis() })))
}
