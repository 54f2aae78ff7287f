import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, relative } from 'node:path'
import express from 'express'
import type { Browser } from 'playwright-core'
import { describeWithBrowser, launchBrowser } from './support/browser.js'

const root = join(__dirname, '..')
const dist = join(root, 'docs/dist')

/** Every page of the site, by its path, with its links and the ids that a link can point to. */
interface Page { path: string, links: string[], ids: Set<string> }
let pages: Map<string, Page>

const attributes = (html: string, name: string) =>
  [...html.matchAll(new RegExp(`<[^>]* ${name}="([^"]*)"`, 'g'))].map(([, value]) => value!.replaceAll('&amp;', '&'))

function readPages(): Map<string, Page> {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html') && file !== '404.html')
  return new Map(files.map((file) => {
    const html = readFileSync(join(dist, file), 'utf8')
    const path = `/${file.replace(/(?:(?<=^|\/)index)?\.html$/, '')}`
    return [path, { path, links: attributes(html, 'href'), ids: new Set(attributes(html, 'id').map(decodeURI)) }]
  }))
}

/** Why a link of a page leads nowhere, or `undefined`. */
function complaint(page: Page, href: string): string | undefined {
  const url = new URL(href, `https://docs.example${page.path}`)
  if (url.origin !== 'https://docs.example') return undefined
  const path = decodeURI(url.pathname)
  const target = pages.get(path)
  if (target === undefined) return isFile(join(dist, path)) ? undefined : `${page.path} → ${href}`
  return url.hash === '' || target.ids.has(decodeURI(url.hash.slice(1))) ? undefined : `${page.path} → ${href}`
}

const isFile = (path: string) => existsSync(path) && statSync(path).isFile()

beforeAll(() => {
  execFileSync('npm', ['run', 'docs:build'], { cwd: root, stdio: 'pipe' })
  pages = readPages()
})

describe('The docs site', () => {
  it('the docs site has a page for every guide, every README and every published entry point', () => {
    const markdown = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md') && !/^(?:dist|api)\b/.test(file))
    for (const file of markdown) expect(pages.has(`/docs/${file.slice(0, -'.md'.length)}`)).toBe(true)
    for (const name of readdirSync(join(root, 'packages'))) expect(pages.has(`/packages/${name}/`)).toBe(true)
    for (const entry of ['multistep/', 'multistep/pages', 'passport-sms-otp/', 'passport-sms-otp/senders', 'passport-mobileconnect/', 'passport-number-verification/', 'mobileconnect-simulator/']) {
      expect(pages.has(`/docs/api/${entry}`)).toBe(true)
    }
  })

  it('the docs site names every guide in its sidebar', () => {
    const config = readFileSync(join(root, 'docs/.vitepress/config.mjs'), 'utf8')
    const guides = [...pages.keys()].filter((path) => path.startsWith('/docs/') && !path.startsWith('/docs/api/'))
    expect(guides.filter((path) => !config.includes(`'${path}'`))).toEqual([])
  })

  it('the docs site leads from its sidebar to each way to prove a phone', () => {
    const [first] = pages.values()
    const provider = ['providers-that-own-their-code', 'channels', 'delivery', 'reports-of-any-gateway', 'senders', 'checks-before-a-text']
    const expected = [
      ...provider.map((anchor) => `/packages/passport-sms-otp/#${anchor}`),
      '/packages/passport-mobileconnect/#without-a-click', '/packages/passport-number-verification/#on-multistep',
    ]
    expect(expected.filter((href) => !first!.links.includes(href))).toEqual([])
  })

  it('a reader of the docs site reaches each of its pages from the first one', () => {
    const reached = new Set<string>()
    const visit = (path: string): void => {
      const page = pages.get(path)
      if (page === undefined || reached.has(path)) return
      reached.add(path)
      for (const href of page.links) visit(decodeURI(new URL(href, `https://docs.example${path}`).pathname))
    }
    visit('/')
    expect([...pages.keys()].filter((path) => !reached.has(path))).toEqual([])
  })

  it('the docs site has no link that leads nowhere, and no anchor that is not there', () => {
    const all = [...pages.values()].flatMap((page) => page.links.map((href) => complaint(page, href)))
    expect(all.length).toBeGreaterThan(1000)
    expect([...new Set(all)].filter((one) => one !== undefined)).toEqual([])
  })
})

describeWithBrowser('The docs site in a browser', () => {
  let browser: Browser
  let server: Server
  let address: string
  beforeAll(async () => {
    browser = await launchBrowser()
    server = express().use(express.static(dist, { extensions: ['html'], redirect: false })).listen(0)
    await once(server, 'listening')
    address = `http://localhost:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    await browser.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it('the docs site opens offline in a browser, without an error, and fits on a phone', async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } })
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('response', (response) => response.status() < 400 || faults.push(`${response.status()} ${response.url()}`))
    page.on('request', (request) => request.url().startsWith(address) || request.url().startsWith('data:') || faults.push(request.url()))
    for (const path of ['/', '/docs/errors', '/docs/api/multistep/', '/packages/multistep/']) {
      await page.goto(address + path, { waitUntil: 'networkidle' })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    }
    expect(faults).toEqual([])
    await page.close()
  })

  it('the search of the docs site shows a guide before the reference', async () => {
    for (const words of ['step-up', 'remember a device', 'recovery codes', 'delivery', 'test your app', 'mobile operator contract']) {
      // A page of its own, because the box of the search remembers what was asked before.
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
      await page.goto(address, { waitUntil: 'networkidle' })
      await page.keyboard.press('Control+k')
      await page.locator('#localsearch-input').fill(words)
      const first = page.locator('#localsearch-list a').first()
      await first.waitFor()
      expect([words, await first.getAttribute('href')]).not.toEqual([words, expect.stringContaining('/docs/api/')])
      await page.close()
    }
  })

  it('the docs site finds an error code and an option by its own search', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(address, { waitUntil: 'networkidle' })
    for (const [words, title] of [['factor_locked', 'factor_locked'], ['remembered browser', 'Remember']]) {
      await page.keyboard.press('Control+k')
      await page.locator('#localsearch-input').fill(words!)
      await page.locator('#localsearch-list a', { hasText: title! }).first().waitFor()
      await page.keyboard.press('Escape')
    }
    await page.close()
  })
})

it('the folder of the docs site is not kept in the repository', () => {
  const ignored = readFileSync(join(root, '.gitignore'), 'utf8').split('\n')
  for (const folder of [dist, join(root, 'docs/api')]) expect(ignored).toContain(`${relative(root, folder)}/`)
})
