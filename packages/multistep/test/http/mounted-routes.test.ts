import express from 'express'
import express4 from 'express4'
import request from 'supertest'
import { hasPage, isAct, isBelow, leadsToAct, leadsToLogin, ownRoute } from '../../src/http/mounted-routes.js'
import type { Request } from '../../src/http/request.js'

const answer: express.RequestHandler = (_req, res) => { res.json({}) }
const nowhere = { loginPath: '/login', factors: { names: [], get: () => ({ page: undefined }) } }

const versions: [string, typeof express][] = [['4', express4], ['5', express]]

describe.each(versions)('what Express %s has mounted', (version, host) => {
  /** What a request to the app says of it. */
  async function askedOf<T>(app: express.Express, question: (req: Request) => T): Promise<T | undefined> {
    let said: T | undefined
    app.get('/asks', (req, res) => {
      said = question(req)
      res.json({})
    })
    await request(app).get('/asks').expect(200)
    return said
  }

  it.each([
    ['/page', true], ['/page?tab=2', true], ['/any', true], ['/posted', false], ['/nothing', false],
    ['/below/page', true], ['/below/', true], ['/below', true], ['/below/posted', false],
  ])(`Express ${version} has a page at %s for a browser to go to: %s`, async (path, has) => {
    const app = host()
    app.get('/page', answer)
    app.all('/any', answer)
    app.post('/posted', answer)
    const router = host.Router()
    router.get('/', answer).get('/page', answer).post('/posted', answer)
    app.use('/below', router)
    expect(await askedOf(app, (req) => hasPage(req, path))).toBe(has)
  })

  it.each([['/out', true], ['/posted', true], ['/page', false], ['/only-posts-out', true], ['/nothing', false], ['/used/out', true]])(
    `Express ${version} leads a GET of %s to an act of the login, or to no page at all: %s`, async (path, acts) => {
      const app = host()
      app.get('/page', answer)
      app.post('/posted', answer)
      app.get('/out', isAct(answer.bind(undefined) as never) as never)
      app.post('/only-posts-out', isAct(answer.bind(undefined) as never) as never)
      app.use('/used', isAct(answer.bind(undefined) as never) as never)
      expect(await askedOf(app, (req) => leadsToAct(req, path))).toBe(acts)
    })

  it(`a request to an app within an app of Express ${version} finds the pages of the outer one`, async () => {
    const [outer, inner] = [host(), host()]
    outer.get('/page', answer)
    let said: boolean | undefined
    inner.get('/asks', (req, res) => {
      said = hasPage(req, '/page')
      res.json({})
    })
    outer.use('/inner', inner)
    await request(outer).get('/inner/asks').expect(200)
    expect(said).toBe(true)
  })

  it(`a request for a route of the login that an app of Express ${version} has mounted elsewhere leads to the login`, async () => {
    const app = host()
    const said: [string, boolean][] = []
    app.use((req, _res, next) => {
      said.push([req.path, leadsToLogin(req, nowhere)])
      next()
    })
    app.post('/enter', ownRoute(answer.bind(undefined) as never) as never)
    app.get('/page', answer)
    await request(app).post('/enter')
    await request(app).get('/page')
    expect(said).toEqual([['/enter', true], ['/page', false]])
  })
})

describe('what a request says of its path', () => {
  it('a request is below a path in any case, and not below one that only begins like it', () => {
    const at = (url: string) => ({ url }) as Request
    expect(['/login', '/LOGIN/local?a=1', '/login-help', '/'].map((url) => isBelow(at(url), '/Login')))
      .toEqual([true, true, false, false])
  })

  it('a request is placed by the address that it came with, and not by the rest that a mount has left of it', () => {
    expect(isBelow({ originalUrl: '/login/local', url: '/local' } as Request, '/login')).toBe(true)
  })

  it('a request that has no address at all is for the root', () => {
    expect([isBelow({} as Request, '/'), isBelow({} as Request, '/login')]).toEqual([true, false])
  })

  it('a request for the page of a factor leads to the login', () => {
    const factors = { names: ['pin', 'local'], get: (name: string) => ({ page: name === 'pin' ? '/enter-pin' : undefined }) }
    const leads = (url: string) => leadsToLogin({ url } as Request, { loginPath: '/login', factors })
    expect(['/enter-pin', '/login/local', '/account'].map(leads)).toEqual([true, true, false])
  })

  it('a request of a server without Express has no page and leads to no act', () => {
    const req = { url: '/page' } as Request
    expect([hasPage(req, '/page'), leadsToAct(req, '/page'), leadsToLogin(req, nowhere)]).toEqual([false, false, false])
  })

  it('a route of a kind that Express does not know has no page, and may not be followed with GET', () => {
    const layer = { match: () => true, route: {} }
    const req = { url: '/page', app: { router: { stack: [layer] } } } as unknown as Request
    expect([hasPage(req, '/page'), leadsToAct(req, '/page'), leadsToLogin(req, nowhere)]).toEqual([false, true, false])
  })

  it('a router that breaks when it is asked has no page and leads to no act', () => {
    const layer = { match: () => { throw new TypeError('no such path') } }
    const req = { url: '/page', app: { router: { stack: [layer] } } } as unknown as Request
    expect([hasPage(req, '/page'), leadsToAct(req, '/page'), leadsToLogin(req, nowhere)]).toEqual([false, false, false])
  })
})
