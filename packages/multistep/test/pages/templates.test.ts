import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import handlebars from 'handlebars'
import pug from 'pug'
import type { View, ViewState } from '../../src/index.js'
import { pageParts, renderPage, type RenderedParts } from '../../src/pages.js'
import { brandingOf } from '../../src/settings/page-options.js'
import { anonymous, complete, context, password, pending, texted } from '../support/page-states.js'

const file = (name: string): string => join(__dirname, '../../templates', name)
const source = (name: string): string => readFileSync(file(name), 'utf8')
type Draw = (locals: { page: RenderedParts }) => string

const ejs = jest.requireActual<{ compile: (template: string) => Draw }>('ejs')
const engines: Record<string, Draw> = {
  EJS: ejs.compile(source('login.ejs')),
  Handlebars: handlebars.compile(source('login.hbs')),
  Pug: pug.compileFile(file('login.pug')),
}

const branding = brandingOf({ name: 'Acme & <Sons>', logo: '/logo.svg', accent: '#0a7', help: '/help', links: [{ text: 'Sign up', href: '/sign-up' }] }, '')
const shown = { ...context, branding, account: 'ada', home: '/', now: context.now }
const problem = { code: 'code_wrong', message: 'That code is not right.', status: 401 }
const pages: Record<string, [View, ViewState]> = {
  'the first step': ['login', { ...anonymous([password]), ...shown }],
  'a code to enter, after a wrong one': ['login', { ...pending([texted], { problem }), ...shown }],
  'a completed login': ['complete', { ...complete(), ...shown }],
  'devices without any': ['devices', { ...complete(), ...shown, devices: [] }],
  'the way to another site': ['redirect', { ...complete(), ...shown, redirectTo: 'https://operator.example/' }],
  'the left recovery codes': ['recovery-codes', { ...complete(), ...shown, remaining: 3 }],
}

/** Space between tags, the order of attributes and the spelling of entities are each engine's own. */
const plain = (html: string): string[] => html
  .replace(/<!DOCTYPE html>/i, '')
  .replaceAll('&#39;', '\'').replaceAll('&#x27;', '\'').replaceAll('&quot;', '"').replaceAll('&#34;', '"')
  .split(/(<[^>]*>)/)
  .map((part) => (part.startsWith('<') ? part.replace(/\s+/g, ' ').split(/ (?=[\w-]+=)/).map((one) => one.replace('>', '')).sort().join(' ') : part.replace(/\s+/g, ' ').trim()))
  .filter((part) => part !== '')

describe.each(Object.entries(engines))('the template for %s', (_, draw) => {
  it.each(Object.entries(pages))('the template draws the same page as the router: %s', (_name, [view, state]) => {
    expect(plain(draw({ page: pageParts(view, state) }))).toEqual(plain(renderPage(view, state)))
  })
})

it('the parts of a page are escaped: a name of the app is text', () => {
  const { brand, title } = pageParts('complete', { ...complete(), ...shown })
  expect(brand).toContain('Acme &amp; &lt;Sons&gt;')
  expect(title).toBe('You are logged in · Acme & <Sons>')
})
