import express from 'express'
import request from 'supertest'
import { routeOf } from '../../src/http/route-of.js'
import type { Request } from '../../src/http/request.js'

async function routeReached(path: string, mount: (app: express.Express, tell: express.RequestHandler) => void) {
  const app = express()
  let route: string | undefined
  mount(app, (req, res) => {
    route = routeOf(req)
    res.json({})
  })
  await request(app).get(path).expect(200)
  return route
}

describe('the route that a message to the programmer names', () => {
  it('a route is named by its pattern, behind its mount and without what stood in its place', async () => {
    const router = express.Router()
    expect(await routeReached('/account/reset/s3cret?code=1', (app, tell) => app.use('/account', router.get('/reset/:token', tell))))
      .toBe('GET /account/reset/:token')
  })

  it('a route that is an expression is named by the expression', async () => {
    expect(await routeReached('/reset/s3cret', (app, tell) => app.get(/^\/reset\/\w+$/, tell))).toBe('GET /^\\/reset\\/\\w+$/')
  })

  it('a route that is a list of paths is named by all of them', async () => {
    expect(await routeReached('/b/s3cret', (app, tell) => app.get(['/a', '/b/:token'], tell))).toBe('GET /a|/b/:token')
  })

  it('before a route is reached, only the beginning of the path is named', async () => {
    expect(await routeReached('/reset/s3cret?code=1', (app, tell) => app.use(tell))).toBe('GET /reset/…')
  })

  it('a request of a server without Express is named by its method and the beginning of its path', () => {
    expect(routeOf({ method: 'POST', url: '/reset/s3cret' } as Request)).toBe('POST /reset/…')
  })

  it('a request that says nothing of itself is named as a GET of the root', () => {
    expect(routeOf({} as Request)).toBe('GET /')
  })
})
