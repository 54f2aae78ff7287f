import { isSpeculative } from '#internal/speculative-request'
import { comesFromHere, isNavigation } from '../../src/http/navigation.js'
import { withParameter } from '../../src/http/query.js'
import { isOwnNavigation, isSameOrigin } from '../../src/http/same-origin.js'
import type { Request } from '../../src/http/request.js'

const from = (headers: Record<string, string>, method = 'GET') => ({ method, headers: { host: 'app.example', ...headers } }) as unknown as Request
const none = new Set<string>()
const shop = new Set(['https://shop.example'])

describe('an address with another parameter in its query', () => {
  it.each([
    ['/a', 'x', '1', '/a?x=1'],
    ['/a?x=1&y=2', 'x', '3', '/a?y=2&x=3'],
    ['/a?x=1&x=2', 'x', undefined, '/a'],
    ['/a?y=%7e&x=1#part', 'x', undefined, '/a?y=%7e#part'],
    ['/a?&&', 'x', undefined, '/a'],
    ['', 'x', 'a b', '?x=a%20b'],
  ])('the address %j with the parameter %s as %j is %j', (url, name, value, changed) => {
    expect(withParameter(url, name, value)).toBe(changed)
  })
})

describe('where a request comes from', () => {
  it.each<[string, boolean, Record<string, string>, ReadonlySet<string>]>([
    ['a page of this app, as the browser says', true, { 'sec-fetch-site': 'same-origin' }, none],
    ['another site, as the browser says', false, { 'sec-fetch-site': 'cross-site' }, none],
    ['a trusted origin, whatever the browser says of the site', true, { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' }, shop],
    ['an origin that is not trusted', false, { origin: 'https://shop.example' }, none],
    ['an origin with the host of this app', true, { origin: 'https://app.example' }, none],
    ['an origin that is no address', false, { origin: 'null' }, none],
    ['a program', true, {}, none],
  ])('a request from %s comes from here: %s', (_, isHere, headers, origins) => {
    expect(comesFromHere(from(headers), origins)).toBe(isHere)
  })

  it.each<[string, boolean, Record<string, string>, ReadonlySet<string>]>([
    ['a trusted page, whatever the browser says of the site', true, { referer: 'https://shop.example/cart', 'sec-fetch-site': 'cross-site' }, shop],
    ['a page that is not trusted', false, { referer: 'https://shop.example/cart' }, none],
    ['a page of this app', true, { referer: 'https://app.example/account' }, none],
    ['nowhere', false, {}, none],
  ])('a link that was followed on %s is of this app: %s', (_, isOwn, headers, origins) => {
    expect(isOwnNavigation(from(headers), origins)).toBe(isOwn)
  })

  it('a request that says nothing of itself, not even the type of its body, is not from this app', () => {
    expect(isSameOrigin(from({}, 'POST'), none)).toBe(false)
    expect(isSameOrigin(from({ 'content-type': 'application/json' }, 'POST'), none)).toBe(true)
  })
})

describe('a request of a person who goes to a page', () => {
  it.each<[string, boolean, Record<string, string>, string]>([
    ['a document in a window', true, { 'sec-fetch-dest': 'document' }, 'GET'],
    ['a document in a frame', false, { 'sec-fetch-dest': 'iframe' }, 'GET'],
    ['a document fetched ahead', false, { 'sec-fetch-dest': 'document', 'sec-purpose': 'prefetch;prerender' }, 'GET'],
    ['what its browser does not say', true, {}, 'GET'],
    ['a document by a post', false, { 'sec-fetch-dest': 'document' }, 'POST'],
  ])('a request for %s is of a person who goes to a page: %s', (_, isGoing, headers, method) => {
    expect(isNavigation(from(headers, method))).toBe(isGoing)
  })

  it('a request is fetched ahead where one of two headers says so', () => {
    expect(isSpeculative({ headers: { purpose: ['', 'prefetch'] } })).toBe(true)
  })
})
