import { setTimeout as after } from 'node:timers/promises'
import type { RequestHandler, Response } from 'express'
import { milliseconds } from '#internal/duration'
import { checkOptionNames } from '#internal/option-checks'
import type { Fault } from './fault.js'

interface Planned {
  readonly fault: Fault
  readonly delay: number
  left: number
}

/** Counts the requests to each endpoint, and makes those fail that were told to. */
export class Faults<Endpoint extends string> {
  private readonly endpoints: readonly Endpoint[]
  private readonly closed: AbortSignal
  private readonly counts = new Map<Endpoint, number>()
  private readonly planned = new Map<Endpoint, Planned>()
  private readonly redirected = new WeakMap<object, Fault>()

  constructor(endpoints: readonly Endpoint[], closed: AbortSignal) {
    this.endpoints = endpoints
    this.closed = closed
  }

  fail(endpoint: Endpoint, fault: Fault = {}): void {
    this.check(endpoint)
    checkOptionNames('fail', fault, ['status', 'delay', 'body', 'error', 'errorDescription', 'times'])
    this.planned.set(endpoint, {
      fault,
      delay: milliseconds('delay', fault.delay ?? '0ms'),
      left: fault.times ?? Infinity,
    })
  }

  restore(): void {
    this.planned.clear()
  }

  requests(endpoint: Endpoint): number {
    this.check(endpoint)
    return this.counts.get(endpoint) ?? 0
  }

  /** In front of the endpoint. */
  middleware(endpointOf: (path: string) => Endpoint | undefined): RequestHandler {
    return async (req, res, next) => {
      const endpoint = endpointOf(req.path)
      if (endpoint === undefined) return next()
      this.counts.set(endpoint, this.requests(endpoint) + 1)
      const planned = this.take(endpoint)
      if (!planned) return next()
      if (await this.over(planned.delay)) return
      if (endpoint === 'authorize' && planned.fault.error !== undefined) this.redirected.set(req, planned.fault)
      if (this.redirected.has(req) || isOnlyLate(planned.fault)) next()
      else answer(res, planned.fault)
    }
  }

  /** The error that the answer to this request carries back to the app. */
  refusalOf(req: object): Fault | undefined {
    return this.redirected.get(req)
  }

  private take(endpoint: Endpoint): Planned | undefined {
    const planned = this.planned.get(endpoint)
    if (!planned) return undefined
    planned.left -= 1
    if (planned.left <= 0) this.planned.delete(endpoint)
    return planned
  }

  /** Waits; true when the simulator was closed meanwhile. */
  private async over(delay: number): Promise<boolean> {
    if (delay > 0) await after(delay, undefined, { signal: this.closed }).catch(() => undefined)
    return this.closed.aborted
  }

  private check(endpoint: Endpoint): void {
    if (!this.endpoints.includes(endpoint)) { throw new TypeError(`There is no endpoint ${endpoint}. There are ${this.endpoints.join(', ')}.`) }
  }
}

const isOnlyLate = ({ status, delay, body, error }: Fault): boolean =>
  delay !== undefined && status === undefined && body === undefined && error === undefined

const answer = (
  res: Response,
  { status, body, error, errorDescription = 'The simulator was told to fail.' }: Fault,
): void => {
  res.status(status ?? (error === undefined ? 503 : 400)).set('Cache-Control', 'no-store')
  if (typeof body === 'string') res.send(body)
  else res.json(body ?? { error: error ?? 'temporarily_unavailable', error_description: errorDescription })
}
