import type { DiscoveryCall } from '../operators/discovery.js'
import { boundedFetch } from '#internal/bounded-fetch'

export interface HttpAnswer {
  readonly status: number
  readonly location: string | undefined
  readonly body: string
}

/** Sends one request. It follows no redirect, because only the first address was checked. */
export async function exchange({ fetch, timeout }: DiscoveryCall, url: string, init: RequestInit): Promise<HttpAnswer> {
  const response = await boundedFetch(fetch, timeout)(url, init)
  return {
    status: response.status,
    location: response.headers.get('location') ?? undefined,
    body: await response.text(),
  }
}

/** Parses a JSON object; `undefined` for everything else. */
export function readObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectOf(JSON.parse(body))
  } catch {
    return undefined
  }
}

/** An object of named values; `undefined` for everything else, lists included. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? value as Readonly<Record<string, unknown>> : undefined
}

export const nonEmptyText = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined
