import type { Handset } from './handset.js'
import type { PresentationRequest } from './wallet.js'

/** A page or a context of Playwright, as far as it is needed. */
export interface BrowserPage {
  exposeFunction(name: string, work: (...given: never[]) => unknown): Promise<unknown>
  addInitScript(script: string): Promise<unknown>
}

/**
 * Gives a page of Chromium the wallet of this handset: `navigator.credentials.get({ digital })` then answers with its
 * operator token, after one tap that this stands for. Call it before the page is opened.
 * @param options `consent: 'refused'`: the person taps "No", and the page gets a `NotAllowedError`; `'given'` if left
 * out.
 * `needsClick: true`: as in a browser that opens a wallet only after a click on the page; `false` if left out.
 * @example
 * await installWallet(page, sim.handset('+447700900001'))
 */
export async function installWallet(
  page: BrowserPage,
  handset: Handset,
  { consent = 'given', needsClick = false }: { consent?: 'given' | 'refused', needsClick?: boolean } = {},
): Promise<void> {
  const present = async (request: PresentationRequest, origin: string) =>
    (consent === 'refused' ? null : handset.present(request, { origin }).catch(() => null))
  await page.exposeFunction('simulatedWallet', present)
  await page.addInitScript(script(needsClick))
}

const script = (needsClick: boolean): string => `(() => {
  const credentials = navigator.credentials
  if (credentials === undefined) return
  window.DigitalCredential ??= class DigitalCredential {}
  window.DigitalCredential.userAgentAllowsProtocol = (protocol) => protocol === 'openid4vp-v1-unsigned'
  let isClicked = ${!needsClick}
  addEventListener('click', () => { isClicked = true }, true)
  const others = credentials.get.bind(credentials)
  credentials.get = async (options) => {
    if (options?.digital === undefined) return others(options)
    if (!isClicked) throw new DOMException('The page was not clicked.', 'NotAllowedError')
    const [request] = options.digital.requests
    const answer = await window.simulatedWallet(request, location.origin)
    if (answer === null) throw new DOMException('The wallet gave no credential.', 'NotAllowedError')
    const fields = Object.entries({ id: '', type: 'digital', ...answer })
    // The prototype has getters of its own, which no assignment gets past.
    const own = Object.fromEntries(fields.map(([name, value]) => [name, { value, enumerable: true }]))
    return Object.create(window.DigitalCredential.prototype, own)
  }
})()`
