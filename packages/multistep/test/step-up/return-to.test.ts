import { anyOf, type RequireOptions } from '../../src/index.js'
import { browser, buildApp, pin } from '../support/app.js'
import { device, texting, texts } from '../support/factors.js'

describe('where a person returns after a step-up', () => {
  const built = (more: Partial<RequireOptions> = {}) => buildApp({
    strategies: [pin(), texts().strategy], options: { steps: ['local', anyOf('pin', 'text')], factors: { pin: device, text: texting } },
    routes: (host, login) => {
      const guard = login.require({ factors: 'text', ...more } as never) as never
      host.all(/^\/pay/, guard, (_req, res) => { res.json({ paid: true }) })
    },
  })
  const stepped = async (app: ReturnType<typeof built>['app'], asks: (ada: ReturnType<typeof browser>) => any) => {
    const ada = browser(app)
    await ada.password()
    await ada.post('/login/pin', { code: '246810' }).expect(200)
    const to = (await asks(ada)).headers.location as string
    const id = new URL(to, 'http://app.example').searchParams.get('for')!
    await ada.form('/login/text/challenge', { for: id }).expect(303)
    return (await ada.form('/login/text', { for: id, code: 'code of text 1' }).expect(303)).headers.location
  }

  it('a person returns to the page that they asked for', async () => {
    expect(await stepped(built().app, (ada) => ada.page('/pay?to=bob'))).toBe('/pay?to=bob')
  })

  it('a person who asked for a path that no browser may be sent to returns to the start', async () => {
    expect(await stepped(built().app, (ada) => ada.page('/pay//evil.example'))).toBe('/')
  })

  it('a person who posted to a path that no browser may be sent to returns to the start', async () => {
    expect(await stepped(built().app, (ada) => ada.form('/pay//evil.example'))).toBe('/')
  })

  it('a person who posted from a page of this app returns to that page, and from no address to the page of the post', async () => {
    const from = (referer: string) => (ada: ReturnType<typeof browser>) => ada.form('/pay').set('Host', 'app.example').set('Referer', referer)
    expect(await stepped(built().app, from('http://app.example/cart?n=1'))).toBe('/cart?n=1')
    expect(await stepped(built().app, from('no address'))).toBe('/pay')
    expect(await stepped(built().app, from('http://evil.example/cart'))).toBe('/pay')
  })
})
