// The site is made of the Markdown of this repository as it stands: README.md, docs/, the packages' READMEs, and the
// reference in docs/api, which api.mjs writes.
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

const icon = readFileSync(join(root, 'examples/public/icon.svg'), 'utf8')

/** Source files that pages link to. The site brings them along, below /source/. */
const linked = new Set()

/** A package's page stands in the folder of its other entries: hosts take a folder before a file of that name. */
const packageReference = /^(docs\/api\/(?!index\.)[\w-]+)\.md$/

/** Where the site has what a link means on GitHub: a page, a folder's README, or a source file as it is. */
function linkOf(href, page) {
  const [path, hash = ''] = href.split(/(?=#)/)
  if (path === '' || /^[a-z]+:|^\//i.test(path)) return href
  const target = join(dirname(page), decodeURI(path))
  if (!existsSync(target)) return href
  const isFolder = statSync(target).isDirectory()
  const file = relative(root, isFolder ? join(target, 'README.md') : target)
  if (file.endsWith('.md')) return `/${file.replace(packageReference, '$1/').replace(/(?:README|index)?\.md$/, '')}${hash}`
  linked.add(file)
  return `/source/${file}`
}

/** @param md the `MarkdownIt` of the site */
function useLinks(md) {
  md.core.ruler.push('links of the repository', ({ tokens, env }) => {
    const links = tokens.flatMap(({ children }) => children ?? []).filter(({ type }) => type === 'link_open')
    for (const link of links) {
      const href = linkOf(link.attrGet('href'), env.realPath ?? env.path)
      link.attrSet('href', href)
      if (href.startsWith('/source/')) link.attrSet('target', '_self')
    }
  })
}

/** The anchor that GitHub gives a heading, so that one link works in both places. */
const slugOf = (heading) => heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')

const page = (text, link) => ({ text, link })

export default defineConfig({
  title: 'Second factors for Express',
  description: 'Passport strategies and one middleware that give an Express app strong second factors, without an identity server.',
  srcDir: '..',
  srcExclude: [
    '**/node_modules/**', '**/dist/**', '**/coverage/**', '**/test/**', 'packages/*/CHANGELOG.md', '**/LICENSE.md',
  ],
  outDir: 'dist',
  rewrites: {
    'README.md': 'index.md',
    ':folder/README.md': ':folder/index.md',
    'packages/:name/README.md': 'packages/:name/index.md',
    'docs/api/:name((?!index)[\\w-]+).md': 'docs/api/:name/index.md',
  },
  cleanUrls: true,
  // test/docs-site.test.ts checks them, with their anchors and the files below /source/.
  ignoreDeadLinks: true,
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  markdown: { config: useLinks, anchor: { slugify: slugOf } },
  buildEnd({ outDir }) {
    for (const file of linked) {
      mkdirSync(dirname(join(outDir, 'source', file)), { recursive: true })
      copyFileSync(join(root, file), join(outDir, 'source', file))
    }
  },
  themeConfig: {
    // People look for a guide first, and the reference names everything more often.
    search: {
      provider: 'local',
      options: { miniSearch: { searchOptions: { boostDocument: (id) => (id.includes('/docs/api/') ? 0.2 : 1) } } },
    },
    outline: [2, 3],
    nav: [
      page('Start', '/'),
      page('Tutorial', '/docs/tutorials/add-a-texted-code'),
      page('Recipes', '/docs/recipes'),
      page('API', '/docs/api/'),
      page('Error codes', '/docs/errors'),
    ],
    sidebar: [
      { text: 'Start', items: [page('What it is', '/'), page('The tour', '/examples/')] },
      { text: 'Tutorials', items: [
        page('Add a texted code', '/docs/tutorials/add-a-texted-code'),
        page('Add an authenticator app', '/docs/tutorials/authenticator-app'),
      ] },
      { text: 'How to', items: [
        page('Recipes', '/docs/recipes'),
        page('Ask again at one page (step-up)', '/packages/multistep/#step-up'),
        page('Remember a device', '/packages/multistep/#remembered-devices'),
        page('Recovery codes', '/packages/multistep/#recovery-codes'),
        page('Pages of your own', '/packages/multistep/#pages'),
        page('Your database', '/packages/passport-sql-stores/'),
        page('Test your app', '/docs/testing'),
        page('Operations', '/docs/operations'),
        page('What texts can cost', '/docs/costs'),
        page('Operators', '/docs/operators'),
        page('Serverless', '/docs/serverless'),
        page('Troubleshooting', '/docs/troubleshooting'),
      ] },
      { text: 'Phones and networks', items: [
        page('Senders: Twilio, HTTP, SMPP', '/packages/passport-sms-otp/#senders'),
        page('Codes by Twilio Verify, Vonage, CAMARA', '/packages/passport-sms-otp/#providers-that-own-their-code'),
        page('Channels: text, WhatsApp, call, RCS', '/packages/passport-sms-otp/#channels'),
        page('Delivery, and the next channel', '/packages/passport-sms-otp/#delivery'),
        page('Receipts of a gateway', '/packages/passport-sms-otp/#reports-of-any-gateway'),
        page('Checks of SIM and device', '/packages/passport-sms-otp/#checks-before-a-text'),
        page('A login by the mobile network', '/packages/passport-number-verification/#on-multistep'),
        page('A silent login by the operator', '/packages/passport-mobileconnect/#without-a-click'),
        page('The phone rings (backchannel)', '/packages/passport-mobileconnect/#over-the-backchannel'),
        page('The wallet, over Wi-Fi', '/packages/passport-number-verification/#over-wi-fi-the-phones-wallet'),
      ] },
      { text: 'Concepts', items: [
        page('Six ideas', '/docs/concepts'),
        page('A login step by step', '/docs/step-by-step'),
        page('Threat model', '/docs/threat-model'),
      ] },
      { text: 'Reference', items: [
        page('multistep', '/packages/multistep/'),
        page('passport-sms-otp', '/packages/passport-sms-otp/'),
        page('passport-mobileconnect', '/packages/passport-mobileconnect/'),
        page('passport-number-verification', '/packages/passport-number-verification/'),
        page('passport-sql-stores', '/packages/passport-sql-stores/'),
        page('mobileconnect-simulator', '/packages/mobileconnect-simulator/'),
        page('API', '/docs/api/'),
        page('The JSON protocol', '/docs/json-protocol'),
        page('Error codes', '/docs/errors'),
        page('Strategies that were tried', '/docs/compatibility'),
      ] },
      { text: 'Migrate and compare', items: [
        page('From a flag in the session', '/docs/tutorials/from-a-flag'),
        page('From WSO2 Identity Server', '/docs/from-wso2'),
        page('What else there is', '/docs/compare'),
        page('Questions', '/docs/faq'),
      ] },
      { text: 'Project', items: [
        page('Architecture', '/ARCHITECTURE'),
        page('Measurements', '/docs/measurements'),
        page('What has changed', '/CHANGELOG'),
        page('Contributing', '/CONTRIBUTING'),
        page('Report a vulnerability', '/SECURITY'),
      ] },
    ],
  },
})
