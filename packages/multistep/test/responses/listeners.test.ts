import { browser, buildApp } from '../support/app.js'

describe('a listener that fails with something else than an Error', () => {
  it('the login completes, and the warning shows nothing of what was thrown', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const { app, login } = buildApp({ options: { steps: ['local'] } })
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- what is under test
    login.on('flow.completed', () => { throw 'secret' })
    expect((await browser(app).password()).body.status).toBe('complete')
    expect(warn.mock.calls.map(([text]) => text)).toContain('multistep: a listener of "flow.completed" failed: unknown error')
    expect(JSON.stringify(warn.mock.calls)).not.toContain('secret')
    warn.mockRestore()
  })
})
