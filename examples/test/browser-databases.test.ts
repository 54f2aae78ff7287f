import { describeWithBrowser } from '../../test/support/browser.js'
import { readSettings } from '../src/settings.js'
import { onEveryDatabase } from './support/databases.js'
import { journeys } from './support/journeys.js'
import { siteWithBrowser } from './support/site.js'

jest.mock('better-sqlite3', () => jest.requireActual('libsql'), { virtual: true })

onEveryDatabase('a visit to the app that keeps everything in', (place) => {
  describeWithBrowser('with a browser', () => {
    journeys(siteWithBrowser(async () => readSettings(await place())), true)
  })
})
