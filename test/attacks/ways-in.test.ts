import { findHoles } from './attack.js'
import { waysInApp } from './ways-in-app.js'
import { waysInAttacks } from './ways-in-attacks.js'

describe('the attacks on ways in that an app has beside its login', () => {
  it('the attacks on ways in beside the login find every hole in an app that wrote its second factor by hand', async () => {
    expect(await findHoles(() => waysInApp('by hand'), waysInAttacks)).toEqual(waysInAttacks.map(({ id, hole }) => `${id}: ${hole}`))
  })

  it.each(waysInAttacks.map((attack) => [attack.id, attack.hole, attack] as const))(
    'the attack (%s) finds no such hole in the same app with multistep: %s', async (_id, _hole, attack) => {
      expect(await findHoles(() => waysInApp('multistep'), [attack])).toEqual([])
    })
})
