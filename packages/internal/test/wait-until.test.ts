import { canWait, tellToWait } from '#internal/wait-until'

const places = globalThis as unknown as Record<PropertyKey, unknown>
const work = Promise.resolve()

describe('What goes on after a response', () => {
  afterEach(() => {
    for (const name of [Symbol.for('@next/request-context'), Symbol.for('@vercel/request-context'), 'Netlify']) Reflect.deleteProperty(places, name)
  })

  it('work after a response is handed to the function of the app, before the function of the platform', () => {
    const [own, other] = [jest.fn(), jest.fn()]
    places.Netlify = { context: { waitUntil: other } }
    tellToWait({ waitUntil: own }, work)
    expect([own.mock.calls, other.mock.calls]).toEqual([[[work]], []])
  })

  it.each<[string, PropertyKey, (waitUntil: unknown) => unknown]>([
    ['Next.js', Symbol.for('@next/request-context'), (waitUntil) => ({ get: () => ({ waitUntil }) })],
    ['Vercel', Symbol.for('@vercel/request-context'), (waitUntil) => ({ get: () => ({ waitUntil }) })],
    ['Netlify', 'Netlify', (waitUntil) => ({ context: { waitUntil } })],
  ])('work after a response is handed to %s, with its own context as this', (_, name, place) => {
    const handed: unknown[] = []
    places[name] = place(function waitUntil(this: object, promise: unknown) { handed.push(promise, 'waitUntil' in this) })
    expect(canWait({ waitUntil: undefined })).toBe(true)
    tellToWait({ waitUntil: undefined }, work)
    expect(handed).toEqual([work, true])
  })

  it('work outside of a request is handed to nobody, even where the platform throws there', () => {
    places[Symbol.for('@next/request-context')] = { get: () => { throw new Error('no request') } }
    places.Netlify = { context: null }
    expect(canWait({ waitUntil: undefined })).toBe(false)
    expect(tellToWait({ waitUntil: undefined }, work)).toBeUndefined()
  })

  it('work after a response is a warning where the host throws or rejects, and nothing fails', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation()
    tellToWait({ waitUntil: () => { throw new RangeError('of +447400123456') } }, work)
    const rejecting: (promise: Promise<unknown>) => unknown = () => Promise.reject(new TypeError('of +447400123456'))
    tellToWait({ waitUntil: rejecting }, work)
    await new Promise((resolve) => { setImmediate(resolve) })
    expect(warned.mock.calls).toEqual([['waitUntil failed with RangeError.'], ['waitUntil failed with TypeError.']])
    warned.mockRestore()
  })
})
