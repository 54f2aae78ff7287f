import type { Page } from 'playwright-core'
import type { Site } from './site.js'
import { adaPhone, gracePhone, passwords, type Name } from './visitor.js'

export const logIn = async (page: Page, name: Name) => {
  await page.getByLabel('User name').fill(name)
  await page.getByLabel('Password').fill(passwords[name])
  await page.getByRole('button', { name: 'Log in' }).click()
}
export const enter = async (page: Page, code: string) => {
  // Typed, for a code that is pasted or filled in submits itself.
  await page.getByLabel('Code').pressSequentially(code)
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
}
export const firstCode = async (handset: Page): Promise<string> => /#(\d{6})/.exec(await handset.locator('#texts .bubble').first().innerText())![1]!

/** All ways to log in, confirm and give a number, each as a test. */
export function journeys({ start, newContext }: Site, javaScriptEnabled: boolean): void {
  const visit = async () => {
    const context = await newContext({ javaScriptEnabled })
    const faults: string[] = []
    context.on('weberror', (error) => faults.push(error.error().message))
    context.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    return { page: await context.newPage(), handset: await context.newPage(), faults }
  }

  it('a user logs in with a text that is read on the handset in a second tab', async () => {
    const { page, handset, faults } = await visit()
    await handset.goto('/handset')
    await handset.getByText('No text has come yet.').waitFor()
    await page.goto('/account')
    await logIn(page, 'ada')
    await page.getByText('We sent a code to').waitFor()

    if (!javaScriptEnabled) await handset.reload()
    await handset.getByText('is your Acme code').waitFor()
    expect(await handset.getByText('No text has come yet.').isVisible()).toBe(false)
    await enter(page, await firstCode(handset))
    await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
    expect(await page.locator('.tag').allInnerTexts()).toEqual(['pwd', 'sms', 'mfa'])

    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await page.goto('/account')
    expect(new URL(page.url()).pathname).toBe('/login')
    expect(faults).toEqual([])
  })

  /** Answers on the handset what the operator asks, and waits until its page has come back to the app. */
  const answer = async (handset: Page, name: 'Yes' | 'No') => {
    await handset.goto(`/handset?to=${encodeURIComponent(adaPhone)}`)
    await handset.getByRole('button', { name, exact: true }).click()
    await handset.getByText('No operator asks anything.').waitFor()
  }

  it('a user logs in with Mobile Connect as the second factor, and not when it is denied', async () => {
    const { page, handset, faults } = await visit()
    await page.goto('/account')
    await logIn(page, 'ada')
    await page.getByRole('button', { name: 'Continue with Mobile Connect' }).click()
    await page.getByText('phone ending in 456').waitFor()
    await answer(handset, 'No')
    await page.getByRole('alert').waitFor()
    await page.getByRole('button', { name: 'Continue with Mobile Connect' }).click()
    await page.getByText('phone ending in 456').waitFor()
    await answer(handset, 'Yes')
    await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
    expect(await page.locator('.tag').allInnerTexts()).toEqual(['pwd', 'mca', 'SIM_OK', 'mfa'])
    expect(faults).toEqual([])
  })

  it('a user logs in with Mobile Connect alone', async () => {
    const { page, handset, faults } = await visit()
    await page.goto('/account')
    await page.getByRole('button', { name: 'Continue with Mobile Connect' }).click()
    await page.getByRole('button', { name: 'Northern Mobile' }).click()
    await page.getByRole('heading', { name: 'Your mobile number' }).waitFor()
    await page.getByLabel('Mobile number').fill(adaPhone)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('phone ending in 456').waitFor()
    await answer(handset, 'Yes')
    await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
    expect(await page.locator('.tag').allInnerTexts()).toEqual(['mca', 'SIM_OK'])
    expect(faults).toEqual([])
  })

  it('a user logs in with a recovery code from the sheet in the drawer', async () => {
    const { page, handset } = await visit()
    await page.goto('/account')
    await logIn(page, 'ada')
    await page.getByRole('link', { name: 'Recovery code' }).click()
    await handset.goto('/handset')
    await enter(page, await handset.locator('.codes code').first().innerText())
    await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
  })

  it('a handset takes a PIN at level 3, and says when it is wrong', async () => {
    await start({ levelOfAssurance: 3 })
    const { page, handset } = await visit()
    await page.goto('/account')
    await logIn(page, 'ada')
    await page.getByRole('button', { name: 'Continue with Mobile Connect' }).click()
    await page.getByText('It will ask for your PIN.').waitFor()
    await handset.goto('/handset')
    await handset.getByLabel('PIN').fill('0000')
    await handset.getByRole('button', { name: 'Yes' }).click()
    await handset.getByRole('alert').getByText('That is not the PIN. Tries left: 2.').waitFor()
    await handset.getByLabel('PIN').fill('1815')
    await handset.getByRole('button', { name: 'Yes' }).click()
    await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
  })

  const set = async (handset: Page, group: string, name: string) => {
    await handset.goto('/handset')
    await handset.getByRole('group', { name: `${group} of ${adaPhone}` }).getByRole('button', { name }).click()
    await handset.locator('[aria-pressed="true"]', { hasText: name }).first().waitFor()
  }

  it('a user logs in over the mobile network without a click or a text', async () => {
    const { page, handset, faults } = await visit()
    await set(handset, 'Network', 'Mobile data')
    await page.goto('/account')
    await logIn(page, 'ada')
    await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
    expect(await page.locator('.tag').allInnerTexts()).toEqual(['pwd', 'pop', 'mfa'])
    expect(await (await page.request.get('/handset/messages')).json()).toEqual([])
    expect(faults).toEqual([])
  })

  it('the login believes neither the mobile network, nor a text, nor Mobile Connect for a new SIM card, says so, and takes another factor', async () => {
    const { page, handset } = await visit()
    await set(handset, 'Network', 'Mobile data')
    await set(handset, 'SIM swap', 'Now')
    await page.goto('/account')
    await logIn(page, 'ada')
    await page.getByRole('alert').getByText('The SIM card of your number is new, so we text no code to it.').waitFor()
    expect(await page.getByText('Send code').count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Continue with Mobile Connect' }).count()).toBe(0)
    expect(await (await page.request.get('/handset/messages')).json()).toEqual([])
    await handset.goto('/handset')
    await enter(page, await handset.locator('.codes code').first().innerText())
    await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
  })

  it('the app texts no code for a transfer to a new SIM card, and to one of a month ago again', async () => {
    const { page, handset } = await visit()
    await set(handset, 'Network', 'Mobile data')
    await page.goto('/transfer')
    await logIn(page, 'ada')
    await set(handset, 'SIM swap', 'Now')
    const confirm = async (payee: string) => {
      await page.goto('/transfer')
      await page.getByLabel('Payee').fill(payee)
      await page.getByLabel('Amount').fill('25')
      await page.getByRole('button', { name: 'Transfer' }).click()
      await page.getByRole('button', { name: 'Send code' }).click()
    }
    await confirm('Bob')
    await page.getByRole('alert').getByText('The SIM card of your number is new').waitFor()
    expect(await page.getByRole('button', { name: 'Continue with Mobile Connect' }).count()).toBe(0)
    await set(handset, 'SIM swap', 'A month ago')
    await confirm('Carol')
    await page.getByLabel('Code').waitFor()
    await handset.goto('/handset')
    await handset.getByText('Carol').waitFor()
  })

  it('the line loses the text that is to get lost, and no other', async () => {
    const { page, handset } = await visit()
    await set(handset, 'Next text', 'Gets lost')
    await page.goto('/account')
    await logIn(page, 'ada')
    await page.getByText('We sent a code to').waitFor()
    await page.getByRole('button', { name: 'Call me instead' }).waitFor()
    await handset.goto('/handset')
    expect(await handset.locator('#texts .bubble').count()).toBe(0)
    expect(await handset.getByRole('group', { name: `Next text of ${adaPhone}` }).locator('[aria-pressed="true"]').innerText()).toBe('Arrives')
  })

  it('the settings show a user that a text left and never arrived, that the call did, and no code (J-02, J-05)', async () => {
    const { page, handset, faults } = await visit()
    await set(handset, 'Next text', 'Gets lost')
    await page.goto('/settings')
    await logIn(page, 'ada')
    await page.getByText('We sent a code to').waitFor()
    // Ten seconds after the text, and no sooner. With JavaScript the button waits.
    const calling = page.getByRole('heading', { name: 'We are calling you' })
    for (let tries = 0; tries < 8 && !(await calling.isVisible()); tries += 1) {
      await page.getByRole('button', { name: 'Call me instead' }).click()
      await calling.waitFor({ timeout: 2000 }).catch(() => undefined)
    }
    await handset.goto('/handset')
    const code = /\d(, \d){5}/.exec(await handset.locator('#texts .bubble').innerText())![0].replaceAll(', ', '')
    await enter(page, code)
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    const story = page.getByRole('region', { name: 'What happened to your codes' })
    // It is written behind the answer that the browser has followed here.
    for (let tries = 0; tries < 20 && !(await story.innerText()).includes('The code was entered.'); tries += 1) await page.reload()
    const lines = (await story.getByRole('listitem').allInnerTexts()).reverse().join('\n')
    expect(lines).toMatch(/A text was asked for\.[^]*The text left\.[^]*A call was asked for\.[^]*The call left\.[^]*The code was entered\./)
    expect(lines).toContain('The call arrived.')
    expect(lines).not.toContain('The text arrived.')
    expect(lines).toContain('+44 •••• •••456')
    expect(lines).not.toContain(code)
    expect(faults).toEqual([])
  })

  it('a user has the phone called in place of a text, and confirms a transfer with the code that the call says', async () => {
    const { page, handset, faults } = await visit()
    await set(handset, 'Network', 'Mobile data')
    await page.goto('/transfer')
    await logIn(page, 'ada')
    await page.getByLabel('Payee').fill('Bob')
    await page.getByLabel('Amount').fill('25')
    await page.getByRole('button', { name: 'Transfer' }).click()
    await page.getByRole('button', { name: 'Call me instead' }).click()
    await page.getByRole('heading', { name: 'We are calling you' }).waitFor()
    await handset.goto('/handset')
    const [said, ...others] = await handset.locator('#texts .bubble').allInnerTexts()
    expect(others).toEqual([])
    expect(said).toContain('Bob')
    await enter(page, /\d(, \d){5}/.exec(said!)![0].replaceAll(', ', ''))
    await page.getByRole('button', { name: 'Pay 25.00 EUR to Bob' }).click()
    await page.getByText('The transfer is made').waitFor()
    expect(faults).toEqual([])
  })

  it('a user makes a transfer that was confirmed on the phone, for its payee and amount', async () => {
    const { page, handset, faults } = await visit()
    await page.goto('/transfer')
    await logIn(page, 'ada')
    await page.getByRole('link', { name: 'Recovery code' }).click()
    await handset.goto('/handset')
    await enter(page, await handset.locator('.codes code').first().innerText())
    await page.getByLabel('Payee').fill('Bob')
    await page.getByLabel('Amount').fill('25.50')
    await page.getByRole('button', { name: 'Transfer' }).click()
    expect(await page.locator('dl dd').allInnerTexts()).toEqual(['Bob', '25.50 EUR'])
    await page.getByRole('button', { name: 'Continue with Mobile Connect' }).click()
    await page.locator('.binding').getByText('Bob').waitFor()
    await handset.goto('/handset')
    expect(await handset.locator('#prompts .binding').innerText()).toMatch(/25\.50.*Bob/)
    await answer(handset, 'Yes')
    await page.getByRole('button', { name: 'Pay 25.50 EUR to Bob' }).click()
    await page.getByText('The transfer is made').waitFor()
    expect(faults).toEqual([])
  })

  it('grace gives her number at her first login', async () => {
    const { page, handset, faults } = await visit()
    await page.goto('/settings')
    await logIn(page, 'grace')
    await page.getByLabel('Mobile number').fill('+44 7400 123499')
    await page.getByRole('button', { name: 'Send code' }).click()
    await page.getByLabel('Code').waitFor()
    await handset.goto(`/handset?to=${encodeURIComponent(gracePhone)}`)
    await enter(page, await firstCode(handset))
    await page.getByRole('paragraph').getByText('+44 •••• •••499', { exact: true }).waitFor()
    expect(faults).toEqual([])
  })

  it('alan logs in with the code of his authenticator', async () => {
    const { page, handset, faults } = await visit()
    await page.goto('/account')
    await logIn(page, 'alan')
    await handset.goto('/handset')
    await enter(page, await handset.locator('.authenticator .code').innerText())
    await page.getByRole('heading', { name: 'Hello, alan' }).waitFor()
    expect(faults).toEqual([])
  })
}
