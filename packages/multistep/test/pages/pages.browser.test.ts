import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { describeWithBrowser, launchBrowser, lowestContrast } from '../support/browser.js'
import { servePages } from '../support/page-server.js'
import {
  anonymous, authenticator, complete, context, mobileConnect, now, onThePhone, password, pending, phoneNumber, recoveryCode,
  renderPage, stepUp, texted, toBeTexted,
} from '../support/page-states.js'

const problem = { code: 'code_wrong', message: 'That code is not right.', status: 401, attemptsLeft: 4, retryAfter: 30 }
const views = {
  'first step': renderPage('login', anonymous([password, phoneNumber, mobileConnect]), context),
  'code to send': renderPage('login', pending([toBeTexted, authenticator, recoveryCode]), context),
  'code to enter': renderPage('login', pending([texted, mobileConnect], { problem }), context),
  'request on the phone': renderPage('login', pending([onThePhone, recoveryCode]), context),
  'step-up': renderPage('login', stepUp([texted]), context),
  unavailable: renderPage('unavailable', pending([toBeTexted, mobileConnect]), { ...context, chosen: 'sms-otp' }),
  complete: renderPage('complete', complete(), context),
}

describeWithBrowser('the pages in a browser', () => {
  let browser: Browser
  let site: Awaited<ReturnType<typeof servePages>>

  beforeAll(async () => {
    browser = await launchBrowser()
    site = await servePages()
    Object.entries(views).forEach(([name, html]) => { site.pages[`/${encodeURIComponent(name)}`] = html })
  })
  afterAll(async () => {
    await browser.close()
    await site.close()
  })
  const newPage = (options: BrowserContextOptions = {}) => browser.newPage({ baseURL: site.url, ...options })

  describe.each(Object.keys(views))('%s', (view) => {
    let page: Page
    const complaints: string[] = []

    beforeAll(async () => {
      page = await newPage()
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      await page.goto(`/${encodeURIComponent(view)}`)
    })
    afterAll(() => page.context().close())

    it('the page has its style and its code, and keeps to its own Content-Security-Policy (R-55)', async () => {
      expect(await page.evaluate('getComputedStyle(document.querySelector(".card")).borderRadius')).toBe('12px')
      expect(complaints).toEqual([])
    })

    it.each(['light', 'dark'] as const)('the page is legible in %s: contrast of at least 4.5 to 1', async (colorScheme) => {
      await page.emulateMedia({ colorScheme })
      const { contrast, text }: { contrast: number, text: string } = await page.evaluate(lowestContrast)
      expect({ text, legible: contrast >= 4.5 }).toEqual({ text, legible: true })
    })

    it('the page fits a screen of 320 px', async () => {
      await page.setViewportSize({ width: 320, height: 640 })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    })
  })
})

describeWithBrowser('a visit with a browser', () => {
  let browser: Browser
  let site: Awaited<ReturnType<typeof servePages>>

  beforeAll(async () => {
    browser = await launchBrowser()
    site = await servePages()
    Object.entries(views).forEach(([name, html]) => { site.pages[`/${encodeURIComponent(name)}`] = html })
    site.pages['/login?factor=sms-otp'] = renderPage('login', anonymous([password, phoneNumber]), { ...context, chosen: 'sms-otp' })
  })
  afterAll(async () => {
    await browser.close()
    await site.close()
  })
  beforeEach(() => { site.posts.length = 0 })
  afterEach(async () => { await Promise.all(browser.contexts().map((open) => open.close())) })

  const newPage = (options: BrowserContextOptions = {}) => browser.newPage({ baseURL: site.url, ...options })
  const open = async (view: keyof typeof views, options?: BrowserContextOptions): Promise<Page> => {
    const page = await newPage(options)
    await page.goto(`/${encodeURIComponent(view)}`)
    return page
  }
  const posted = (page: Page) => page.waitForFunction('document.title === "posted"')

  describe('without JavaScript', () => {
    it('a browser without JavaScript logs in with the open factor', async () => {
      const page = await open('first step', { javaScriptEnabled: false })
      await page.getByLabel('User name').fill('ada')
      await page.getByLabel('Password').fill('lovelace-1815')
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.waitForURL('**/login/local')
      expect(site.posts).toEqual([{ path: '/login/local', fields: { _csrf: 'token-1', username: 'ada', password: 'lovelace-1815' } }])
    })

    it('a browser without JavaScript takes another way', async () => {
      const page = await open('first step', { javaScriptEnabled: false })
      await page.getByRole('link', { name: 'Text message' }).click()
      await page.getByLabel('Mobile number').fill('+44 7700 900123')
      await page.getByRole('button', { name: 'Send code' }).click()
      await page.waitForURL('**/login/sms-otp/challenge')
      expect(site.posts).toEqual([{ path: '/login/sms-otp/challenge', fields: { _csrf: 'token-1', phone: '+44 7700 900123' } }])
    })

    it('a browser without JavaScript asks for the code again, whatever the count-down says', async () => {
      const page = await open('step-up', { javaScriptEnabled: false })
      await page.getByRole('button', { name: 'Send again' }).click()
      await page.waitForURL('**/login/sms-otp/challenge')
      expect(site.posts).toEqual([{ path: '/login/sms-otp/challenge', fields: { _csrf: 'token-1', for: 'requirement-7' } }])
    })

    it('a browser without JavaScript goes on to another site after a post, which form-action alone would stop', async () => {
      const operator = await servePages()
      site.pages['/hop'] = renderPage('redirect', pending([mobileConnect]), { ...context, redirectTo: `${operator.url}/authorize?a=1&b=2` })
      site.redirects['/login/mobileconnect'] = '/hop'
      const page = await open('first step', { javaScriptEnabled: false })
      await page.getByRole('button', { name: 'Continue with Mobile Connect' }).click()
      await page.waitForURL(`${operator.url}/authorize?a=1&b=2`)
      await operator.close()
    })
  })

  describe('the keyboard and the screen reader', () => {
    it('the keyboard and the screen reader find the focus in the first field, described by the problem', async () => {
      const page = await open('code to enter')
      expect(await page.evaluate('document.activeElement.name')).toBe('code')
      expect(await page.evaluate(`document.activeElement.getAttribute("aria-describedby").split(" ").map((id) => {
        const { role, textContent } = document.getElementById(id)
        return role ?? textContent
      })`)).toEqual(['We sent a code to +44 •••• •••123.', 'alert'])
    })

    it('the keyboard user sees where the focus is, on every control', async () => {
      const page = await open('first step')
      const outlines: unknown[] = []
      for (let stop = 0; stop < 5; stop++) {
        outlines.push(await page.evaluate(`(({ tagName }, { outlineStyle, outlineWidth }) => [tagName, outlineStyle, outlineWidth].join(' '))(
          document.activeElement, getComputedStyle(document.activeElement))`))
        await page.keyboard.press('Tab')
      }
      expect(outlines).toEqual(['INPUT', 'INPUT', 'BUTTON', 'A', 'BUTTON'].map((name) => `${name} solid 3px`))
    })
  })

  describe('with JavaScript', () => {
    it('a code is posted without the spaces and dashes it was pasted with', async () => {
      const page = await open('code to enter')
      await page.getByLabel('Code').pressSequentially(' 12 3-4–56 ')
      await page.getByRole('button', { name: 'Continue', exact: true }).click()
      await posted(page)
      expect(site.posts.map(({ fields }) => fields.code)).toEqual(['123456'])
    })

    it('a form is posted once, until the Back button brings it back', async () => {
      const page = await open('code to enter')
      const stopped = await page.evaluate(`(() => {
        const stopped = []
        addEventListener('submit', (event) => { stopped.push(event.defaultPrevented); event.preventDefault() })
        document.querySelector('input[name=code]').value = '123456'
        const form = document.querySelector('section form')
        form.requestSubmit()
        form.requestSubmit()
        dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
        form.requestSubmit()
        return stopped
      })()`)
      expect(stopped).toEqual([false, true, false])
    })

    it.each([['right', 0], ['an hour fast', 3_600_000], ['a day slow', -86_400_000]])('the button to send again waits as long as the server says, on a clock that is %s', async (_, error) => {
      const page = await newPage()
      await page.clock.install({ time: now + error - 60_000 })
      await page.clock.pauseAt(now + error)
      await page.goto('/step-up')
      const button = page.getByRole('button', { name: 'Send again' })
      expect(await button.getAttribute('aria-disabled')).toBe('true')
      expect(await page.getByText('You can ask for it again in 0:30.').isVisible()).toBe(true)
      await page.clock.runFor(29_000)
      expect(await page.getByText('You can ask for it again in 0:01.').isVisible()).toBe(true)
      await page.clock.runFor(1000)
      expect(await button.getAttribute('aria-disabled')).toBeNull()
      expect(await page.getByRole('status').textContent()).toBe('You can ask again now.')
      expect(await page.getByText('You can ask for it again').isVisible()).toBe(false)
    })
  })

  describe('WebOTP', () => {
    const withTexts = async (answer: string): Promise<Page> => {
      const page = await newPage()
      await page.addInitScript(`
        window.OTPCredential = function () {}
        CredentialsContainer.prototype.get = (options) => { window.asked = options; return ${answer} }`)
      return page
    }

    it('WebOTP fills the code of the text in, and posts it', async () => {
      const page = await withTexts('Promise.resolve({ code: "654321" })')
      await page.goto('/step-up')
      await posted(page)
      expect(site.posts).toEqual([{ path: '/login/sms-otp', fields: { _csrf: 'token-1', for: 'requirement-7', code: '654321' } }])
    })

    it('WebOTP asks for a text only, and stops asking once a code is posted by hand', async () => {
      const page = await withTexts('new Promise(() => {})')
      await page.goto('/step-up')
      expect(await page.evaluate('window.asked.otp')).toEqual({ transport: ['sms'] })
      expect(await page.evaluate(`(() => {
        addEventListener('submit', (event) => event.preventDefault())
        document.querySelector('input[name=code]').value = '123456'
        document.querySelector('section form').requestSubmit()
        return window.asked.signal.aborted
      })()`)).toBe(true)
    })

    it('WebOTP leaves the field alone when the browser refuses', async () => {
      const page = await withTexts('Promise.reject(new Error("refused"))')
      const errors: Error[] = []
      page.on('pageerror', (error) => errors.push(error))
      await page.goto('/step-up')
      expect(await page.getByLabel('Code').inputValue()).toBe('')
      expect(errors).toEqual([])
    })

    it('WebOTP is not asked before a text was sent', async () => {
      const page = await withTexts('new Promise(() => {})')
      await page.goto(`/${encodeURIComponent('code to send')}`)
      expect(await page.evaluate('window.asked')).toBeUndefined()
    })
  })

  it('hostile text is shown as text, even without a Content-Security-Policy (R-80, M-25)', async () => {
    const hostile = `"'></title><script>alert(1)</script><img src=x onerror=alert(1)>`
    const factor = { ...phoneNumber, label: hostile, hint: hostile, prefill: { phone: hostile } }
    const messages = { ...context.messages, logIn: hostile }
    const page = await newPage()
    const dialogs: string[] = []
    page.on('dialog', (dialog) => { dialogs.push(dialog.message()); void dialog.dismiss() })
    await page.setContent(renderPage('login', anonymous([factor], { problem: { ...problem, message: hostile } }), { ...context, messages }))
    expect(await page.title()).toBe(`Error: ${hostile}`)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(hostile)
    expect(await page.getByLabel('Mobile number').inputValue()).toBe(hostile)
    expect(await page.locator('img, script:not([src])').count()).toBe(0)
    expect(dialogs).toEqual([])
  })
})
