import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Diagnosis } from 'passport-mobileconnect'
import { startApp } from './support/app.js'
import { startForger } from './support/forger.js'

it('the diagnostics channels tell what each request came to and why, without numbers, ids and tokens (C-12)', async () => {
  const forger = await startForger()
  const app = await startApp(() => ({ operator: forger.operator(), people: { ada: { id: 'the-id-of-ada', phone: '+447700900001' } } }))
  const heard: [string, Diagnosis][] = []
  const names = ['begun', 'pending', 'verified', 'refused', 'failed'].map((name) => `passport-mobileconnect:${name}`)
  const listener = (diagnosis: unknown, name: string | symbol) => { heard.push([String(name).split(':')[1]!, diagnosis as Diagnosis]) }
  for (const name of names) subscribe(name, listener)
  const tab = app.tab()
  const begin = async () => (await tab.get('/login')).location!
  try {
    await tab.get(`/callback/forger?${forger.approve(await begin())}`)
    await tab.post('/as/ada')
    await tab.get(`/callback/forger?${forger.approve(await begin())}`)
    await tab.get(`/callback/forger?error=odd&error_description=of+447700900001&state=${new URL(await begin()).searchParams.get('state')}`)
    const query = forger.approve(await begin())
    Object.assign(forger.script, { tokenStatus: 401, token: { error: 'invalid_client', error_description: 'of 447700900001' } })
    await tab.get(`/callback/forger?${query}`)
  } finally {
    for (const name of names) unsubscribe(name, listener)
    await Promise.all([app.close(), forger.close()])
  }
  expect(heard.filter(([name]) => name !== 'begun')).toMatchObject([
    ['verified', { mode: 'redirect', known: false }],
    ['refused', { known: true, code: 'person_mismatch', status: 403 }],
    ['refused', { code: 'operator_refused', reason: expect.stringContaining('odd') }],
    ['failed', { code: 'operator_misconfigured', status: 500, reason: expect.stringContaining('invalid_client') }],
  ])
  expect(heard.filter(([name]) => name === 'begun')).toHaveLength(4)
  expect(JSON.stringify(heard)).not.toMatch(/447700900001|the-id-of-ada|an-access-token|pcr-of-ada/)
})

it('the diagnostics channels tell of an error that the app throws only its kind, because its words may hold anything (C-12)', async () => {
  const forger = await startForger()
  const heard: Diagnosis[] = []
  const listener = (diagnosis: unknown) => { heard.push(diagnosis as Diagnosis) }
  subscribe('passport-mobileconnect:failed', listener)
  try {
    for (const thrown of ['of 447700900001', new RangeError('of 447700900001')]) {
      const app = await startApp(() => ({ operator: forger.operator(), verify: (_identity, done) => { done(thrown) } }))
      const tab = app.tab()
      await tab.get(`/callback/forger?${forger.approve((await tab.get('/login')).location!)}`)
      await app.close()
    }
  } finally {
    unsubscribe('passport-mobileconnect:failed', listener)
    await forger.close()
  }
  expect(heard.map(({ code, reason }) => ({ code, reason }))).toEqual([{ code: undefined, reason: 'Error' }, { code: undefined, reason: 'RangeError' }])
})
