import type { Browser, CDPSession, Page } from 'playwright-core'
import { barriersOf, describeWithBrowser, launchBrowser } from '../../test/support/browser.js'
import { startExample as started } from './support/single.js'

describeWithBrowser('The example passkeys, with Chromium\'s virtual authenticator', () => {
  let browser: Browser
  let example: Awaited<ReturnType<typeof started>>
  let page: Page
  let authenticator: { session: CDPSession, authenticatorId: string }
  beforeAll(async () => { browser = await launchBrowser() })
  afterAll(() => browser.close())
  beforeEach(async () => {
    example = await started('passkeys')
    page = await (await browser.newContext({ baseURL: example.address, locale: 'en' })).newPage()
    page.setDefaultTimeout(6_000)
    const session = await page.context().newCDPSession(page)
    await session.send('WebAuthn.enable')
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    })
    authenticator = { session, authenticatorId }
  })
  afterEach(async () => {
    await page.context().close()
    await example.stop()
  })

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const heading = (name: string) => page.getByRole('heading', { name, exact: true })
  const logIn = async () => {
    await page.goto('/account')
    await page.getByLabel('User name').fill('ada')
    await page.getByLabel('Password').fill('lovelace')
    await button('Log in').click()
  }
  const openPasskeys = async () => {
    await page.getByRole('link', { name: 'Passkeys' }).click()
    await heading('Passkeys').waitFor()
  }
  const add = async (name: string) => {
    await button('Add a passkey').click()
    await page.getByLabel('Name of the passkey').fill(name)
    await button('Create the passkey').click()
    await page.getByRole('listitem').filter({ hasText: name }).waitFor()
  }
  const usePasskey = () => page.locator('form[data-passkey="get"] button[type="submit"]').click()
  /** Whether the person touches the authenticator, and whether it knows them by a fingerprint or a PIN. */
  const person = async ({ touches, isVerified }: { touches: boolean, isVerified: boolean }) => {
    const { session, authenticatorId } = authenticator
    await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: touches })
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: isVerified })
  }
  const credentials = async () => {
    const { session, authenticatorId } = authenticator
    return (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials
  }

  it('the example passkeys adds a passkey with a name, asks for it at the next login, and removes it after that login', async () => {
    await logIn()
    await openPasskeys()
    await add('My laptop')
    // The authenticator keeps no id of the account.
    expect((await credentials()).map(({ userHandle }) => Buffer.from(userHandle!, 'base64'))).toEqual([expect.objectContaining({ length: 32 })])
    expect(example.printed()).toContain('Tell ada: the passkey "My laptop" was added.')
    await page.context().clearCookies()

    await logIn()
    await heading('Use your passkey').waitFor()
    expect(await barriersOf(page)).toEqual([])
    await usePasskey()
    await page.getByText('you proved pwd + hwk + user + mfa').waitFor()
    expect((await credentials())[0]!.signCount).toBeGreaterThan(1)

    await openPasskeys()
    await button('Remove').click()
    await page.getByText('You have no passkey.').waitFor()
    expect(example.printed()).toContain('Tell ada: a passkey was removed.')
    await page.context().clearCookies()
    await logIn()
    await page.getByText('you proved pwd.').waitFor()
  })

  it('the example passkeys adds no second passkey, and removes none, in a session that has proven only the password', async () => {
    await logIn()
    await openPasskeys()
    await add('My laptop')
    // The first one was added in this login: it is no proof of it.
    for (const change of ['Remove', 'Add a passkey']) {
      await page.goto('/login/webauthn/set-up')
      await button(change).click()
      await page.getByText('Confirm that it is you').waitFor()
    }
    // The person who chooses the passkey is asked for it at once.
    await button('Continue with Passkey').click()
    await heading('Passkeys').waitFor()
    expect(await page.getByRole('listitem').count()).toBe(1)
    await button('Add a passkey').click()
    await page.getByLabel('Name of the passkey').waitFor()
    // This authenticator holds one of this account already: the browser makes no other.
    await button('Create the passkey').click()
    await page.getByRole('alert').filter({ hasText: 'That did not work.' }).waitFor()
    expect(await credentials()).toHaveLength(1)
  })

  it('the example passkeys lets a user try again whose passkey is not used at first', async () => {
    await logIn()
    await openPasskeys()
    await add('My laptop')
    await page.context().clearCookies()
    await logIn()
    await person({ touches: true, isVerified: false })
    await usePasskey()
    await page.getByRole('alert').filter({ hasText: 'That did not work.' }).waitFor()
    await person({ touches: true, isVerified: true })
    await usePasskey()
    await page.getByText('you proved pwd + hwk + user + mfa').waitFor()
  })

  it('the example passkeys waits for a click where the browser did not ask by itself', async () => {
    await logIn()
    await openPasskeys()
    await add('My laptop')
    await page.goto('/login/webauthn/set-up')
    await button('Remove').click()
    await person({ touches: true, isVerified: false })
    await button('Continue with Passkey').click()
    await page.locator('form[data-passkey="get"]').waitFor()
    expect(await page.getByRole('alert').filter({ hasText: 'That did not work.' }).isVisible()).toBe(false)
    // Coming back to the page asks for nothing by itself.
    await page.reload()
    await person({ touches: true, isVerified: true })
    await page.locator('form[data-passkey="get"]').waitFor()
    await usePasskey()
    await heading('Passkeys').waitFor()
  })

  it('the example passkeys asks the user once, however often they click', async () => {
    await logIn()
    await openPasskeys()
    await add('My laptop')
    await page.context().clearCookies()
    let asked = 0
    await page.exposeFunction('told', () => { asked += 1 })
    await page.addInitScript(`{
      const get = navigator.credentials.get.bind(navigator.credentials)
      navigator.credentials.get = async (options) => { await told(); return get(options) }
    }`)
    await logIn()
    await page.locator('form[data-passkey="get"]').waitFor()
    await page.evaluate('for (let click = 0; click < 2; click++) document.querySelector(\'form[data-passkey]\').requestSubmit()')
    await page.getByText('you proved pwd + hwk + user + mfa').waitFor()
    expect(asked).toBe(1)
  })
})
