import { createServer, IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Request } from '../../src/http/request.js'
import { methodNames, methodsBefore, setMethods, type Methods } from '../../src/session/shared-methods.js'

const methodsNamed = (name: string): Methods =>
  Object.fromEntries(methodNames.map((method) => [method, () => `${name} ${method}`])) as never

const requestOf = (): Request => new IncomingMessage(undefined as never)

const said = (from: object | undefined, name: string): unknown =>
  Reflect.apply(Reflect.get(from ?? {}, name) as () => unknown, from, [])

describe('the methods of a request that stand in no request', () => {
  it('a request finds the methods that it was given, and has none of its own (G-01)', () => {
    const req = requestOf()
    const keys = Object.keys(req)
    setMethods(req, methodsNamed('ours'))
    for (const name of methodNames) expect(said(req, name)).toBe(`ours ${name}`)
    expect(Object.keys(req)).toEqual(keys)
  })

  it('a request finds its methods after an app has given it another prototype, and so does what is made from it (G-01)', () => {
    const req = requestOf()
    setMethods(req, methodsNamed('ours'))
    Object.setPrototypeOf(req, Object.create(IncomingMessage.prototype) as object)
    expect(said(req, 'logIn')).toBe('ours logIn')
    expect(said(Object.create(Object.create(req) as object) as object, 'isAuthenticated')).toBe('ours isAuthenticated')
  })

  it('a request that was given no methods has none, and an answer of another server neither', async () => {
    const server: Server = createServer((req, res) => { res.end(JSON.stringify(methodNames.map((name) => typeof Reflect.get(req, name)))) })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    expect(await answer.json()).toEqual(methodNames.map(() => 'undefined'))
    server.close()
    setMethods(requestOf(), methodsNamed('of another'))
    expect(methodsBefore(requestOf())).toBeUndefined()
  })

  it('a method that other code writes on a request is the request\'s own, and no other request\'s', () => {
    const [req, other] = [requestOf(), requestOf()]
    for (const one of [req, other]) setMethods(one, methodsNamed('ours'))
    Reflect.set(req, 'logIn', 'of other code')
    expect(Object.getOwnPropertyDescriptor(req, 'logIn')).toEqual({ value: 'of other code', configurable: true, enumerable: true, writable: true })
    expect([Reflect.get(req, 'logIn'), said(other, 'logIn')]).toEqual(['of other code', 'ours logIn'])
  })

  it('our methods take the place of those that a request has of its own already, whatever gave it those (G-01)', () => {
    const req = requestOf()
    Reflect.set(req, 'logout', 'of other code')
    expect(methodsBefore(req)?.logout).toBe('of other code')
    setMethods(req, methodsNamed('ours'))
    expect(said(req, 'logout')).toBe('ours logout')
    expect(said(req, 'logOut')).toBe('ours logOut')
  })

  it('a request that is no request of Node gets the methods as its own (G-01)', () => {
    const req = { headers: {} } as Request
    setMethods(req, methodsNamed('ours'))
    expect(Object.keys(req)).toEqual(['headers', ...methodNames])
  })

  it('a second policy stands in front of the first one\'s methods (G-01)', () => {
    const req = requestOf()
    setMethods(req, methodsNamed('first'))
    expect(said(methodsBefore(req), 'logIn')).toBe('first logIn')
    setMethods(req, methodsNamed('second'))
    expect(said(req, 'logIn')).toBe('second logIn')
  })

  it('copies of this package share one table, so that the methods of either are found', async () => {
    const req = requestOf()
    await jest.isolateModulesAsync(async () => {
      const copy = await import('../../src/session/shared-methods.js')
      expect(copy.setMethods).not.toBe(setMethods)
      copy.setMethods(req, methodsNamed('a copy\'s'))
    })
    expect(said(methodsBefore(req), 'logIn')).toBe('a copy\'s logIn')
    expect(Object.hasOwn(req, 'logIn')).toBe(false)
  })
})
