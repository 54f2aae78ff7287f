import { IncomingMessage } from 'node:http'
import type { Request } from '../http/request.js'

/** What Passport adds to a request. */
export const methodNames =
  ['login', 'logIn', 'logout', 'logOut', 'isAuthenticated', 'isUnauthenticated', '_sessionManager'] as const

export type Methods = Readonly<Record<typeof methodNames[number], unknown>>

const methodsKey = Symbol.for('multistep: the methods of requests')

interface Prototype { [methodsKey]?: WeakMap<object, Methods> }

/**
 * The methods of requests, by request. They are found through the prototype of all requests and stand in none of them:
 * Express gives each request another prototype, and V8 is slow to add to such a request. Seven of them took as long as
 * all else that a guard does. A request without an entry finds nothing. No other prototype would do: an app within an
 * app may exchange each prototype of Express, and so take away what is found there. Copies of this package share one
 * table.
 */
function methodsOfRequests(): WeakMap<object, Methods> {
  const prototype = IncomingMessage.prototype as Prototype
  return prototype[methodsKey] ?? prepare(prototype)
}

function prepare(prototype: Prototype): WeakMap<object, Methods> {
  const table = new WeakMap<object, Methods>()
  Reflect.defineProperty(prototype, methodsKey, { value: table })
  for (const name of methodNames.filter((one) => !(one in prototype))) {
    Reflect.defineProperty(prototype, name, {
      configurable: true,
      get(this: object) { return entryOf(table, this)?.[name] },
      // Code that writes one gives the request its own, as if this were not here.
      set(this: object, value: unknown) {
        Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true })
      },
    })
  }
  return table
}

/** Middleware may hand on an object that was made from the request. */
function entryOf(table: WeakMap<object, Methods>, request: object): Methods | undefined {
  for (let at: object | null = request; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const methods = table.get(at)
    if (methods) return methods
  }
  return undefined
}

/** What a request has of them already, by whatever means; `undefined`: nothing. */
export function methodsBefore(req: Request): Partial<Methods> | undefined {
  const isGiven = methodsOfRequests().has(req) || methodNames.some((name) => Object.hasOwn(req, name))
  return isGiven ? req as Partial<Methods> : undefined
}

/** Gives a request its methods. Where it would not find them, such as behind its own, they become its own. */
export function setMethods(req: Request, methods: Methods): void {
  methodsOfRequests().set(req, methods)
  const found = req as Partial<Methods>
  if (methodNames.some((name) => found[name] !== methods[name])) Object.assign(req, methods)
}
