import type { Strategy } from '../../src/index.js'

/** Runs a strategy as Passport does, on a request of which only some is there. */
export function run(strategy: Strategy, request: object, options: object = { action: 'send' }): Promise<{ end: string, [name: string]: unknown }> {
  return new Promise((resolve) => {
    const derived = Object.assign(Object.create(strategy) as Strategy, {
      success: (user: unknown, info: unknown) => { resolve({ end: 'success', user, info }) },
      fail: (info: unknown, status: unknown) => { resolve({ end: 'fail', info, status }) },
      pass: (info: unknown) => { resolve({ end: 'pass', info }) },
      error: (error: unknown) => { resolve({ end: 'error', error }) },
    })
    derived.authenticate({ method: 'POST', session: {}, ...request } as never, options)
  })
}
