import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { defaultOf, PublishedTypes } from './support/published.js'

type Windows = Readonly<Record<string, number>>

const page = readFileSync(join(__dirname, '../docs/costs.md'), 'utf8')

/** The default of an option of the service, as its doc comment has it; test/defaults.test.ts compares that with the code. */
function defaultOfOption(types: PublishedTypes, name: string): unknown {
  const service = types.symbols.find((symbol) => symbol.name === 'SmsOtpOptions')!
  const option = types.membersOf(service).find((member) => member.name === `SmsOtpOptions.${name}`)!
  return runInNewContext(`(${defaultOf(option)!})`)
}

/** The most in an hour and in a day, by the limits of fixed windows. */
function most(windows: Windows): [hour: number, day: number] {
  const { '1h': hour = Infinity, '1d': day = Infinity } = windows
  return [Math.min(hour, day), Math.min(hour * 24, day)]
}

describe('docs/costs.md', () => {
  it('docs/costs.md multiplies the default limits out as they are', () => {
    const types = new PublishedTypes()
    const limits = defaultOfOption(types, 'sendLimits') as Readonly<Record<string, Windows>>
    const calls = (defaultOfOption(types, 'channelLimits') as { voice: { country: Windows } }).voice.country
    const rows = [...page.matchAll(/^\|[^|]+\|[^|]*`(\w+): \{[^|]*\|\s*(\d+)\s*\|\s*(\d+)\s*\|$/gm)]
    const shown = rows.map(([row, scope, hour, day]) => [row.includes('channelLimits') ? calls : limits[scope!]!, Number(hour), Number(day)] as const)
    expect(shown).toHaveLength(5)
    for (const [windows, hour, day] of shown) expect([hour, day]).toEqual(most(windows))
    expect(limits).not.toHaveProperty('total')
  })
})
