import { Passport } from 'passport'
import { multistep, type MultistepOptions } from '../../src/index.js'
import { pin } from '../support/app.js'
import { texting } from '../support/factors.js'

/** The warnings of a start. Each is told once in a process, so each start has a factor of its own name. */
async function warningsOfStart(name: string, acknowledge: MultistepOptions['acknowledge']): Promise<string[]> {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const passport = new Passport()
  passport.use(pin('local'))
  passport.use(name, pin(name))
  const login = multistep(passport, { steps: ['local', name], factors: { [name]: texting }, ...acknowledge && { acknowledge } })
  const told = warn.mock.calls.map(([warning]) => String(warning))
  warn.mockRestore()
  expect((await login.explain({ id: 'u1' })).warnings).toHaveLength(2)
  return told
}

describe('acknowledge', () => {
  it('silences the weaknesses of a policy that it names at the start, and explain still tells them', async () => {
    expect(await warningsOfStart('text-one', undefined)).toHaveLength(2)
    expect(await warningsOfStart('text-two', ['sms-only'])).toEqual([expect.stringContaining('leaves no way in')])
    expect(await warningsOfStart('text-three', ['no-way-back'])).toEqual([expect.stringContaining('only second factor')])
    expect(await warningsOfStart('text-four', ['sms-only', 'no-way-back'])).toEqual([])
  })

  it('takes no other word', () => {
    const passport = new Passport()
    passport.use(pin('local'))
    expect(() => multistep(passport, { steps: ['local'], acknowledge: ['everything'] as never })).toThrow('acknowledge is a list of \'sms-only\' and \'no-way-back\'')
  })
})
