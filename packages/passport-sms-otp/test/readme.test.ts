import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { segmentsOf, SmsOtp } from '../src/index.js'
import { locales } from '../src/texts/locales/index.js'
import { optionNames } from '../src/settings/options.js'
import { requestOptionNames } from '../src/strategy/strategy-options.js'
import { inboxSender } from '../src/senders/inbox.js'
import { ADA, SECRET } from './support/kit.js'

const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
/** The first cells of all rows of tables. */
const named = new Set([...readme.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => [...cell!.matchAll(/`([\w-]+)(?:\(req\))?`/g)].map(([, name]) => name)))

describe('The README of passport-sms-otp', () => {
  it.each([...optionNames, ...requestOptionNames])('the README of passport-sms-otp has a row for the option %s', (name) => {
    expect(named).toContain(name)
  })

  it('the README of passport-sms-otp shows the text of every locale as it is, and what it costs', async () => {
    for (const locale of Object.keys(locales)) {
      const inbox = inboxSender()
      await new SmsOtp({ sender: inbox, secret: SECRET, appName: 'Acme', origin: 'acme.example' }).issue({ to: ADA, purpose: 'login', locale })
      const { body } = inbox.messages[0]!
      expect(readme).toContain(`| \`${locale}\` | \`${body.split('\n')[0]!.replace(/^\d{6}/, '123456')}\` | ${segmentsOf(body).segments} segment |`)
    }
  })

  it('the README of passport-sms-otp names every event', () => {
    const words = /There are (.*)\.$/.exec(messageOf(() => new SmsOtp({ sender: inboxSender(), secret: SECRET }).on('none' as never, () => undefined)))![1]!
    for (const event of words.split(', ')) expect(named).toContain(event)
  })
})

function messageOf(work: () => unknown): string {
  try {
    work()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
