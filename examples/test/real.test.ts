import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { createApp, type App, type AppOptions } from '../src/app.js'
import { operatorVisit } from './support/operator.js'
import { adaPhone, visitor } from './support/visitor.js'

describe('the app', () => {
  let started: App | undefined
  let operators: Simulator | undefined
  const start = async (options: AppOptions) => {
    started = await createApp(options)
    return visitor(started.app)
  }
  afterEach(async () => {
    await started?.close()
    await operators?.close()
    started = operators = undefined
  })

  describe('with real texts', () => {
    const twilio = { accountSid: 'AC00000000000000000000000000000000', authToken: 'not-used-by-this-test', from: '+15005550006' }
    const withTexts = () => start({ twilio, countries: ['GB'] })

    it('the app with real texts has no handset, and knows no number that may be a stranger\'s: ada gives her number, like grace', async () => {
      const ada = await withTexts()
      for (const path of ['', '/messages', '/prompts', '/events']) expect((await ada.get(`/handset${path}`)).status).toBe(404)
      expect((await ada.post('/handset/prompts/any/approve')).status).toBe(404)
      expect((await ada.password('ada')).body.factors).toMatchObject([{ factor: 'sms-otp', fields: ['phone'] }])
    })

    it('the app with real texts simulates no operator, who would let anybody in', async () => {
      const ada = await withTexts()
      const { body } = await ada.get('/login')
      expect(body.factors.map(({ factor }: { factor: string }) => factor)).toEqual(['local', 'sms-otp'])
      expect((await ada.post('/login/mobileconnect')).status).toBe(404)
    })
  })

  it('the app asks the operator that it is given, and links its subject to the account', async () => {
    operators = await startSimulator({ operators: [{ id: 'own', mcc: '001', mnc: '01' }], subscribers: [{ msisdn: adaPhone, operator: 'own' }] })
    const { issuer, clientId, clientSecret } = operators.operator('own')
    const ada = await start({ operator: { issuer, clientId, clientSecret } })
    await ada.password('ada')
    const { body } = await ada.post('/login/mobileconnect')
    expect(body.url).toMatch(`${issuer}/`)
    // Its phones are its own: nothing of them is shown here.
    expect((await ada.get('/handset/prompts')).body).toEqual([])
    const { go } = operatorVisit()
    const waiting = await go(body.url)
    await operators.handset(adaPhone).approve()
    const { back } = await go(waiting.url)
    expect((await ada.get(back!)).body).toMatchObject({ status: 'complete', amr: ['pwd', 'mca', 'SIM_OK', 'mfa'] })
  })
})
