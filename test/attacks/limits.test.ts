import { findHoles } from './attack.js'
import { limitAttacks, transferIsMade } from './limit-attacks.js'
import { textingApp } from './texting-app.js'

describe('the attacks on limits, and on what a text says', () => {
  it('the attacks on limits find every hole in an app that wrote its texts by hand', async () => {
    expect(await findHoles(() => textingApp('by hand'), limitAttacks)).toEqual(limitAttacks.map(({ id, hole }) => `${id}: ${hole}`))
  })

  it.each(limitAttacks.map((attack) => [attack.id, attack.hole, attack] as const))('the attack (%s) finds no such hole in the same app made of the packages: %s', async (_id, _hole, attack) => {
    expect(await findHoles(() => textingApp('packages'), [attack])).toEqual([])
  })

  it('the attacked app makes a transfer that a text can show, because attacks on what does not work would prove nothing', async () => {
    const target = await textingApp('packages')
    try {
      expect(await transferIsMade(target)).toBe(true)
    } finally {
      await target.close()
    }
  })
})
