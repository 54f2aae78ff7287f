import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import express from 'express'
import request from 'supertest'
import { comparing, protocolDocument, protocolOf, takeFaults, watched, type Exchange } from './support/protocol.js'

const read = (path: string) => readFileSync(join(__dirname, '..', path), 'utf8')
const document = protocolDocument()
const check = protocolOf(document)
const operations = Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item)
  .filter(([method]) => method !== 'parameters')
  .map(([method, operation]) => ({ path, method, operation: operation as unknown as { operationId: string, summary: string } })))

const problem = { type: 'https://x.example/docs/errors#cross_site', status: 403, code: 'cross_site', detail: 'No.' }
const refused = (more: Partial<Exchange> = {}, body: object = {}): Exchange => ({
  method: 'POST', path: '/cancel', accept: 'application/json', sent: {}, status: 403,
  headers: { 'content-type': 'application/problem+json; charset=utf-8' }, body: JSON.stringify({ ...problem, ...body }), ...more,
})
const devices = (members: object): Exchange => refused({
  method: 'GET', path: '/devices', status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ devices: [], csrfToken: 'x', ...members }),
})

describe('docs/openapi.json', () => {
  it('docs/openapi.json refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!)
    const found = references.map((path) => path.split('/').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document))
    expect(references.length).toBeGreaterThan(100)
    expect(found).not.toContain(undefined)
  })

  it('docs/openapi.json declares each parameter of a path, and names each operation once', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      const declared = ((item as any).parameters ?? []).map(({ name }: { name: string }) => name)
      expect(declared).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
    }
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(operations.length)
  })

  it('docs/openapi.json has every code of multistep, and no other beside the codes of strategies', () => {
    const table = /const statuses: Record<MultistepCode, number> = \{\n([^}]*)\}/.exec(read('packages/multistep/src/lib/errors.ts'))![1]!
    const codes = [...table.matchAll(/^ +(\w+): (\d+)/gm)].map(([, code]) => code!)
    const named = [...JSON.stringify(document.components.responses).matchAll(/"enum":\[([^\]]*)\]/g)].flatMap(([, list]) => JSON.parse(`[${list}]`) as string[])
    // `require({ bind })` answers this one, on a route of the app.
    expect([...new Set(named)].sort()).toEqual(codes.filter((code) => code !== 'bind_invalid').sort())
  })

  it('docs/openapi.json has the routes of docs/json-protocol.md, in the same words', () => {
    const told = [...read('docs/json-protocol.md').matchAll(/^\| `([A-Z]+) ([^`]+)` \| ([^|]+) \|/gm)].map(([, method, path, summary]) => `${method} ${path} ${summary}`)
    expect(told.sort()).toEqual(operations.map(({ method, path, operation }) => `${method.toUpperCase()} ${path} ${operation.summary}`).sort())
  })
})

describe('The check against docs/openapi.json', () => {
  it('the check against docs/openapi.json accepts what the document says', () => {
    expect(check(refused())).toEqual([])
    expect(check(devices({}))).toEqual([])
    expect(check(refused({ method: 'PUT', status: 405, headers: { allow: 'POST' } }))).toEqual([])
  })

  it.each<[string, Exchange, RegExp]>([
    ['a route that it does not have', refused({ path: '/of/another/kind' }), /is not in the document/],
    ['a method that is answered without Allow', refused({ method: 'PUT', status: 405 }), /is not in the document/],
    ['a status', refused({ status: 418 }), /answers 418, which is not in the document/],
    ['a type', refused({ headers: { 'content-type': 'text/plain' } }), /answers 403 as text\/plain/],
    ['a code', refused({}, { code: 'of_another' }), /\/code that must be equal to one of the allowed values/],
    ['a member that is missing', refused({}, { detail: undefined }), /must have required property 'detail'/],
    ['a member too many', devices({ stack: 'at' }), /must NOT have additional properties.*stack/],
    ['an instant that is none', devices({ devices: [{ id: 'a', createdAt: 'now', lastUsedAt: 'now', expiresAt: 'now', current: true, links: { revoke: '/x' } }] }), /createdAt that must match format/],
    ['a redirect without its address', refused({ status: 303, headers: {}, body: '' }), /answers 303 without Location/],
    ['a body that was taken against the document', refused({ sent: { for: 1 }, status: 200, headers: { 'content-type': 'application/json' }, body: '{"status":"anonymous","step":1,"steps":2,"completed":[],"factors":[],"csrfToken":"x"}' }), /took a body that the document refuses: \/for/],
  ])('the check against docs/openapi.json sees %s', (_, exchange, fault) => {
    expect(check(exchange).join('\n')).toMatch(fault)
  })

  it('the check against docs/openapi.json hears of what a router that is watched answers, and of nothing that it passes on', async () => {
    const app = express().use('/login', watched((req: express.Request, res: express.Response, next: express.NextFunction) => {
      if (req.path === '/passed') return next()
      res.set({ 'Referrer-Policy': 'same-origin', 'X-Frame-Options': 'DENY' }).json({ status: 'anonymous' })
    })).use((_req, res) => { res.json({ of: 'the app' }) })
    await request(app).get('/login/passed').expect(200)
    expect(takeFaults()).toEqual([])
    await request(app).get('/login').expect(200)
    expect(takeFaults()).toContainEqual(expect.stringMatching(/^GET \/ answers 200 with a body that must have required property 'csrfToken'/))
    expect(takeFaults()).toEqual([])
  })

  it('the check against docs/openapi.json hears of answers from a client, too, and tells JSON from pages', async () => {
    const app = express().use((_req, res) => { res.set({ 'Referrer-Policy': 'same-origin', 'X-Frame-Options': 'DENY' }).status(200).json({}) })
    const agent = request.agent(app).use(comparing('/login'))
    await agent.get('/elsewhere').expect(200)
    expect(takeFaults()).toEqual([])
    await agent.post('/login/cancel').send({ for: 1 }).expect(200)
    expect(takeFaults()).toContainEqual(expect.stringMatching(/^POST \/cancel took a body that the document refuses: \/for/))
    await agent.post('/login/cancel').set('Accept', 'text/html').send({ for: 1 }).expect(200)
    expect(takeFaults().join()).not.toContain('took a body')
  })
})
