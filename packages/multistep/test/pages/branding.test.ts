import type { MultistepOptions } from '../../src/index.js'
import { theme } from '../../src/pages/assets/theme.js'
import { brandingOf } from '../../src/settings/page-options.js'
import { browser, buildApp, people, pin } from '../support/app.js'
import { device } from '../support/factors.js'

const acme = {
  name: 'Acme', logo: 'https://cdn.example/logo.svg', home: '/start', accent: '#0a7', help: 'mailto:help@acme.example',
  links: [{ text: { en: 'Forgot password?', de: 'Passwort vergessen?' }, href: '/forgot?from=login' }, { text: 'Sign up', href: '/sign-up' }],
  styles: ['/login.css', 'https://cdn.example/brand.css'],
} satisfies MultistepOptions['pages']

const branded = (pages: MultistepOptions['pages'], more: Partial<MultistepOptions> = {}) =>
  browser(buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: device }, ...pages && { pages }, ...more } }).app)

describe('the option pages', () => {
  it('the option pages puts name, logo, home, help and links on the login page, and the name into its title', async () => {
    const { text } = await branded(acme).page('/login')
    expect(text).toContain('<title>Log in · Acme</title>')
    expect(text).toContain('<header class="brand"><a href="/start"><img src="https://cdn.example/logo.svg" alt=""><span>Acme</span></a></header>')
    expect(text).toContain('<a href="/forgot?from=login">Forgot password?</a>')
    expect(text).toContain('<a href="/sign-up">Sign up</a>')
    expect(text).toContain('<a href="mailto:help@acme.example">Get help</a>')
  })

  it('the option pages puts name, logo, home, help and links on the page of a refusal, too', async () => {
    const { text } = await branded(acme).page('/login/local')
    expect(text).toContain('<title>Error: That did not work · Acme</title>')
    expect(text).toContain('<span>Acme</span>')
  })

  it('the Content-Security-Policy names other origins of logo and style sheets, and no others (R-55)', async () => {
    const { headers, text } = await branded(acme).page('/login')
    expect(headers['content-security-policy']).toBe('default-src \'none\'; style-src \'self\' https://cdn.example; script-src \'self\'; connect-src \'self\'; '
      + 'img-src \'self\' data: https://cdn.example; form-action \'self\'; frame-ancestors \'none\'; base-uri \'none\'')
    const styles = [...text.matchAll(/<link rel="stylesheet" href="([^"]*)">/g)].map(([, href]) => href)
    expect(styles).toEqual([
      expect.stringMatching(/^\/login\/assets\/style\.css\?v=[\w-]{8}$/), expect.stringMatching(/^\/login\/assets\/theme\.css\?v=[\w-]{8}$/),
      '/login.css', 'https://cdn.example/brand.css',
    ])
    expect((await branded({ name: 'Acme', logo: '/logo.svg' }).page('/login')).headers['content-security-policy']).not.toContain('https:')
  })

  it('the links of an app have texts by language, and the first text stands in for a language that is missing', async () => {
    const languages = branded(acme, { locale: (req) => req.headers['x-language'] as string })
    expect((await languages.page('/login').set('x-language', 'de-AT')).text).toContain('>Passwort vergessen?</a>')
    expect((await languages.page('/login').set('x-language', 'fr')).text).toContain('>Forgot password?</a>')
  })

  it('publicPath stands in front of every path, and of nothing else', () => {
    expect(brandingOf({ ...acme, logo: '/logo.svg' }, '/app')).toMatchObject({
      logo: '/app/logo.svg', home: '/app/start', help: 'mailto:help@acme.example', styles: ['/app/login.css', 'https://cdn.example/brand.css'],
      links: [{ href: '/app/forgot?from=login' }, { href: '/app/sign-up' }],
    })
  })

  it('the address of the colour\'s style sheet changes with its content, so that another colour is seen at once', async () => {
    const addressOf = async (accent: string) => /href="(\/login\/assets\/theme\.css[^"]*)"/.exec((await branded({ ...acme, accent }).page('/login')).text)![1]!
    const [green, blue] = [await addressOf('#0a7'), await addressOf('#00f')]
    expect(green).not.toBe(blue)
    expect((await branded({ ...acme, accent: '#0a7' }).get(green)).headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await branded({ ...acme, accent: '#0a7' }).get(blue)).headers['cache-control']).toBe('public, max-age=3600')
  })

  it('the app\'s colour is served as a style sheet of its own', async () => {
    const answer = await branded(acme).get('/login/assets/theme.css')
    expect(answer.headers['content-type']).toBe('text/css; charset=utf-8')
    expect(answer.text).toMatch(/--accent: #[\da-f]{6}; --accent-strong: #[\da-f]{6}; --on-accent: #ffffff;/)
  })

  it.each([
    [{ nmae: 'Acme' }, 'there is no option \'pages.nmae\'. Did you mean name?'],
    [{ name: '' }, 'pages.name is text'],
    [{ logo: '/logo.svg' }, 'pages.logo needs pages.name beside it'],
    [{ name: 'Acme', logo: 'logo.svg' }, 'pages.logo is a path such as \'/help\', or a URL (http, https), not "logo.svg".'],
    [{ home: '//evil.example' }, 'pages.home is a path'],
    [{ home: '/\\evil.example' }, 'pages.home is a path'],
    [{ accent: 'red' }, 'pages.accent is a colour such as \'#0a7\''],
    [{ accent: '#0a7; } body { display: none' }, 'pages.accent is a colour'],
    [{ help: 'javascript:alert(1)' }, 'pages.help is a path such as \'/help\', or a URL (http, https, mailto, tel)'],
    [{ links: [{ text: 'Sign up' }] }, 'pages.links[0].href is a path'],
    [{ links: [{ href: '/sign-up' }] }, 'pages.links[0].text is missing. Write links: [{ text: \'Sign up\', href: \'/sign-up\' }].'],
    [{ links: [{ text: {}, href: '/sign-up' }] }, 'pages.links[0].text is text, or an object of texts by language'],
    [{ links: '/sign-up' }, 'pages.links is a list.'],
    [{ styles: ['data:text/css,x'] }, 'pages.styles[0] is a path'],
    [{ styles: '/login.css' }, 'pages.styles is a list. Write styles: [\'/login.css\'].'],
    [{ account: 'username' }, 'pages.account is a function, such as (user) => user.username'],
    ['Acme', 'pages is an object'],
  ])('the option pages: %j is refused at start-up', (pages, message) => {
    expect(() => branded(pages as never)).toThrow(message)
  })
})

describe('the account of the person who logs in', () => {
  const right = { username: 'ada', password: people().ada!.password }
  const secondStep = async (account: unknown) => {
    const ada = branded({ account } as never)
    await ada.form('/login/local', right)
    return ada
  }

  it('the account is shown between two steps, beside the link to start over', async () => {
    const { text } = await (await secondStep((user: any) => `ada, ${user.id}`)).page('/login')
    expect(text).toContain(`Logging in as <strong><bdi dir="auto">ada, ${people().ada!.id}</bdi></strong>`)
    expect(text).toContain('Not you? Start over')
  })

  it('the account is not shown before the first step, and never in JSON', async () => {
    const asked: unknown[] = []
    const ada = branded({ account: (user) => { asked.push(user); return 'ada' } })
    expect((await ada.page('/login')).text).not.toContain('Logging in as')
    expect(asked).toEqual([])
    const { body } = await (await secondStep(() => 'shown-only-on-pages')).get('/login')
    expect(JSON.stringify(body)).not.toContain('shown-only-on-pages')
  })

  it.each([
    ['throws', () => { throw new Error('no name') }], ['gives nothing', () => undefined], ['gives a blank', () => ' '],
    ['gives an object', () => ({ toString: () => 'ada' })], ['gives a promise', async () => 'ada'],
  ])('the account is left out where the function %s', async (_, account) => {
    const { status, text } = await (await secondStep(account)).page('/login')
    expect(status).toBe(200)
    expect(text).not.toContain('Logging in as')
    expect(text).toContain('Start over')
  })

  it('the account is shown as text, and cut where it is endless', async () => {
    const { text } = await (await secondStep(() => `<script>alert(1)</script>${'x'.repeat(1000)}`)).page('/login')
    expect(text).toContain('&lt;script&gt;')
    expect(text).not.toContain('x'.repeat(101))
  })
})

describe('a colour of the app', () => {
  const channels = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
  const luminance = (hex: string) => {
    const [r, g, b] = channels(hex).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  }
  const contrast = (one: string, other: string) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (high! + 0.05) / (low! + 0.05)
  }
  const accents = (colour: string) => [...theme(colour).matchAll(/--accent: (#\w{6}); --accent-strong: (#\w{6}); --on-accent: (#\w{6})/g)].map(([, ...three]) => three as [string, string, string])

  it.each(['#0a7', '#ffff00', '#ffffff', '#000', '#808080', '#1d5bb8', '#f00'])('%s is legible on page, card and button, in light and in dark', (colour) => {
    const [light, dark] = accents(colour)
    for (const [[accent, strong, onAccent], backgrounds] of [[light!, ['#f3f4f6', '#ffffff']], [dark!, ['#121417', '#1c1f24']]] as const) {
      for (const background of backgrounds) expect(contrast(accent, background)).toBeGreaterThanOrEqual(4.5)
      expect(contrast(accent, onAccent)).toBeGreaterThanOrEqual(4.5)
      expect(contrast(strong, onAccent)).toBeGreaterThanOrEqual(4.5)
    }
  })

  it('the app\'s colour stays as it is where it is legible', () => {
    expect(accents('#1d5bb8')[0]![0]).toBe('#1d5bb8')
    expect(accents('#8fb8f7')[1]![0]).toBe('#8fb8f7')
  })
})
