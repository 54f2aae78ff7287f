import { inspect } from 'node:util'
import { startApp } from './support/app.js'
import { clientSecret, startForger } from './support/forger.js'

it('no secret and no whole number reaches a log, in whole logins that go well and in every kind of trouble (W-15, M-32, R-80)', async () => {
  const forger = await startForger()
  const logged: unknown[] = []
  const sinks = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => jest.spyOn(console, name).mockImplementation((...words) => { logged.push(words) }))
  const writes = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write').mockImplementation((chunk) => { logged.push(String(chunk)); return true }))
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation((warning) => { logged.push(warning) })
  const app = await startApp(() => ({ operator: forger.operator(), loginHint: () => 'MSISDN:447700900001', timeout: '2s' }))
  const secrets: string[] = [clientSecret, Buffer.from(clientSecret).toString('base64'), '447700900001', 'an-access-token', 'pcr-of-ada']
  const told: unknown[] = []
  const trouble: (() => void)[] = [
    () => undefined,
    () => { forger.script.claims = { nonce: 'wrong' } },
    () => { forger.script.claims = { aud: 'another-client' } },
    () => { forger.script.claims = { exp: 1 } },
    () => { forger.script.header = { kid: 'unknown' } },
    () => { forger.script.token = { id_token: 'an.access-token.447700900001' } },
    () => { Object.assign(forger.script, { tokenStatus: 400, token: { error: 'invalid_client', error_description: 'code of 447700900001 with operator is used' } }) },
    () => { Object.assign(forger.script, { tokenStatus: 500 }) },
    () => { forger.script.userinfo = { sub: 'somebody-else', phone_number: '+447700900001' } },
    () => { forger.script.answer = ({ path }) => path === '/token' },
  ]
  try {
    for (const make of trouble) {
      forger.reset()
      make()
      const tab = app.tab()
      const { location } = await tab.get('/login')
      const query = forger.approve(location!)
      const { state = '', nonce = '' } = Object.fromEntries(new URL(location!).searchParams)
      secrets.push(state, nonce, new URLSearchParams(query).get('code')!)
      const { status, body } = await tab.get(`/callback/forger?${query}`)
      if (status !== 200) told.push(body)
    }
  } finally {
    for (const spy of [...sinks, ...writes, warnings]) spy.mockRestore()
    await Promise.all([app.close(), forger.close()])
  }
  const text = inspect([logged, told, app.errors], { depth: 30, showHidden: true, maxStringLength: null, maxArrayLength: null })
  expect(app.errors).toHaveLength(trouble.length - 1)
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
})
