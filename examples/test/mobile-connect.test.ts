import { byPhone, operatorVisit, promptOn } from './support/operator.js'
import { describeOnEveryStore } from './support/stores.js'
import { adaPhone, gracePhone, visitor } from './support/visitor.js'

describeOnEveryStore('Mobile Connect', (start) => {
  /** Ada between the steps, on her way to her operator. */
  const onTheWay = async (options = {}) => {
    const ada = visitor(await start(options))
    await ada.password('ada')
    const { body } = await ada.post('/login/mobileconnect')
    expect(body).toMatchObject({ status: 'redirect', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/north\//) })
    return { ada, url: body.url as string }
  }

  it('Mobile Connect is a second factor: the operator of the number in the account asks on the phone', async () => {
    const { ada, url } = await onTheWay()
    expect(url).not.toContain(adaPhone.slice(1))
    const { prompt, answer } = await byPhone(ada, url, adaPhone, 'approve')
    expect(prompt).toEqual({ id: expect.any(String), msisdn: adaPhone, operator: 'north', bindingMessage: null, loa: 2 })
    expect(answer.body).toMatchObject({ status: 'complete', amr: ['pwd', 'mca', 'SIM_OK', 'mfa'] })
    expect(await ada.who()).toEqual({ authenticated: true, user: 'ada' })
  })

  it('Mobile Connect lets nobody in who denies, and leaves the other ways open', async () => {
    const { ada, url } = await onTheWay()
    const { answer } = await byPhone(ada, url, adaPhone, 'deny')
    expect(answer.body).toMatchObject({ status: 403, code: 'user_refused' })
    expect(await ada.who()).toEqual({ authenticated: false, user: null })
    expect((await ada.post('/login/sms-otp/challenge')).body).toMatchObject({ status: 'pending' })
    expect((await ada.post('/login/sms-otp', { code: await ada.texted(adaPhone) })).body).toMatchObject({ status: 'complete' })
  })

  it('Mobile Connect asks for the PIN at level 3, and takes no other PIN', async () => {
    const { ada, url } = await onTheWay({ levelOfAssurance: 3 })
    const { go } = operatorVisit()
    const waiting = await go(url)
    const { id, loa } = await promptOn(ada, adaPhone)
    expect(loa).toBe(3)
    const without = await ada.post(`/handset/prompts/${id}/approve`)
    expect([without.status, without.body.code, without.body.detail]).toEqual([400, 'pin_missing', 'This one needs the PIN.'])
    expect((await ada.post(`/handset/prompts/${id}/approve`, { pin: '0000' })).body).toMatchObject({ status: 403, code: 'pin_wrong' })
    await ada.post(`/handset/prompts/${id}/approve`, { pin: '1815' }).expect(204)
    const { back } = await go(waiting.url)
    expect((await ada.get(back!)).body).toMatchObject({ status: 'complete', amr: ['pwd', 'mca', 'SIM_PIN', 'mfa'] })
    expect((await ada.post(`/handset/prompts/${id}/deny`)).body).toMatchObject({ status: 409, code: 'prompt_answered' })
  })

  it('the phone denies after three wrong PINs', async () => {
    const { ada, url } = await onTheWay({ levelOfAssurance: 3 })
    const { go } = operatorVisit()
    const waiting = await go(url)
    const { id } = await promptOn(ada, adaPhone)
    for (const pin of ['0', '1', '2']) await ada.post(`/handset/prompts/${id}/approve`, { pin }).expect(403)
    const { back } = await go(waiting.url)
    expect((await ada.get(back!)).body).toMatchObject({ code: 'user_refused' })
  })

  it('Mobile Connect is a whole login: the user chooses their operator, gives the number there, and answers', async () => {
    const app = await start()
    const ada = visitor(app)
    const { body } = await ada.post('/login/mobileconnect')
    const { go } = operatorVisit()
    const selection = await go(body.url)
    const chosen = await go(selection.url, { operator: 'north' })
    const sent = await ada.agent.get(chosen.back!).set('Accept', 'application/json')
    const number = await go(sent.body.url ?? sent.headers.location)
    const waiting = await go(number.url, { msisdn: adaPhone })
    const { id } = await promptOn(ada, adaPhone)
    await ada.post(`/handset/prompts/${id}/approve`).expect(204)
    const { back } = await go(waiting.url)
    const complete = await ada.get(back!)
    expect(complete.body).toMatchObject({ status: 'complete', amr: ['mca', 'SIM_OK'] })
    expect(await ada.who()).toEqual({ authenticated: true, user: 'ada' })
  })

  it('Mobile Connect lets nobody in by a new SIM card: the operator would ask the thief who has it', async () => {
    const thief = visitor(await start())
    const swapSim = (days: string) => thief.post(`/handset/lines/${encodeURIComponent(adaPhone)}/swap-sim`, { days }).expect(204)
    const logIn = async () => {
      const { body } = await thief.post('/login/mobileconnect')
      const { go } = operatorVisit()
      const chosen = await go((await go(body.url)).url, { operator: 'north' })
      const sent = await thief.get(chosen.back!)
      const waiting = await go((await go(sent.body.url ?? sent.headers.location)).url, { msisdn: adaPhone })
      const { id } = await promptOn(thief, adaPhone)
      await thief.post(`/handset/prompts/${id}/approve`).expect(204)
      return (await thief.get((await go(waiting.url)).back!)).body
    }
    await swapSim('0')
    expect(await logIn()).toMatchObject({ status: 403, code: 'user_unknown' })
    expect((await thief.password('ada')).body.factors).toMatchObject([{ factor: 'recovery-code' }])
    expect(await logIn()).toMatchObject({ status: 403, code: 'user_unknown' })
    await thief.post('/login/cancel')
    await swapSim('30')
    expect(await logIn()).toMatchObject({ status: 'complete' })
  })

  it('Mobile Connect knows no user by a number that stands in no account', async () => {
    const stranger = visitor(await start())
    const { body } = await stranger.post('/login/mobileconnect')
    const { go } = operatorVisit()
    const chosen = await go((await go(body.url)).url, { operator: 'south' })
    const sent = await stranger.get(chosen.back!)
    const waiting = await go((await go(sent.body.url ?? sent.headers.location)).url, { msisdn: gracePhone })
    const { id } = await promptOn(stranger, gracePhone)
    await stranger.post(`/handset/prompts/${id}/approve`).expect(204)
    const { back } = await go(waiting.url)
    expect((await stranger.get(back!)).body).toMatchObject({ status: 403, code: 'user_unknown' })
    expect(await stranger.who()).toEqual({ authenticated: false, user: null })
  })

  it('Mobile Connect asks another operator once grace has given a number of that operator', async () => {
    const grace = visitor(await start())
    await grace.password('grace')
    await grace.post('/login/sms-otp/challenge', { phone: gracePhone })
    await grace.post('/login/sms-otp', { code: await grace.texted(gracePhone) })
    await grace.post('/logout')
    await grace.password('grace')
    const { body } = await grace.post('/login/mobileconnect')
    const { prompt, answer } = await byPhone(grace, body.url, gracePhone, 'approve')
    expect(prompt.operator).toBe('south')
    expect(answer.body).toMatchObject({ status: 'complete' })
  })

  it('the handset knows no prompt that never was, and no answer but yes and no', async () => {
    const ada = visitor(await start())
    expect((await ada.post('/handset/prompts/none/approve')).body).toMatchObject({ status: 404, code: 'prompt_unknown' })
    expect((await ada.post('/handset/prompts/none/shrug')).body).toMatchObject({ status: 404, code: 'not_found' })
    expect((await ada.get('/handset/prompts').query({ msisdn: gracePhone })).body).toEqual([])
  })

  it('the handset takes no answer to a prompt from a page of another site', async () => {
    const { ada, url } = await onTheWay()
    await operatorVisit().go(url)
    const { id } = await promptOn(ada, adaPhone)
    const foreign = await ada.post(`/handset/prompts/${id}/approve`).set('Sec-Fetch-Site', 'cross-site')
    expect(foreign.body).toMatchObject({ status: 403, code: 'cross_site' })
    expect(await promptOn(ada, adaPhone)).toMatchObject({ id })
  })
})
