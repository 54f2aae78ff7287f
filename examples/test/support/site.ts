import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { launchBrowser } from '../../../test/support/browser.js'
import { createApp, type App, type AppOptions } from '../../src/app.js'

/**
 * A browser for all tests, and for each a new app on a port of its own.
 * @param place where an app keeps everything. Default: in memory.
 */
export function siteWithBrowser(place: () => Promise<AppOptions> = async () => ({})) {
  let browser: Browser
  let started: App | undefined
  let server: Server
  let baseURL: string

  beforeAll(async () => { browser = await launchBrowser() })
  afterAll(() => browser.close())
  const start = async (options: AppOptions = {}) => {
    await started?.close()
    started = await createApp({ ...await place(), url: baseURL, ...options })
  }
  beforeEach(async () => {
    server = createServer((req, res) => started!.app(req, res)).listen(0)
    await once(server, 'listening')
    baseURL = `http://localhost:${(server.address() as AddressInfo).port}`
    await start()
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await started?.close()
    started = undefined
  })
  return {
    /** Takes the place of the app, with other options. */
    start,
    baseURL: () => baseURL,
    newContext: (options: BrowserContextOptions = {}) => browser.newContext({ baseURL, ...options }),
  }
}

export type Site = ReturnType<typeof siteWithBrowser>
