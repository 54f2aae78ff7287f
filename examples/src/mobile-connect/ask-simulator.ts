import { AppError } from '../errors.js'

/**
 * Asks the phones of the simulated operators: over HTTP, because the simulator may run in another process.
 * @param path below `/handsets`.
 * @throws AppError
 */
export async function askSimulator(url: string, path: string, body?: object): Promise<Response> {
  const response = await fetch(`${url}/handsets${path}`, {
    ...body && { method: 'POST', body: JSON.stringify(body) },
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    signal: AbortSignal.timeout(2000),
  }).catch((cause: unknown) => {
    throw new AppError(
      503,
      'operators_unavailable',
      'The simulated operators do not answer. Try again in a moment.',
      { cause },
    )
  })
  if (response.ok) return response
  const { code = 'prompt_unknown', message = 'There is no such prompt.' } = (await response
    .json()
    .catch(() => ({}))) as { code?: string, message?: string }
  throw new AppError(response.status, code, sentences[code] ?? message)
}

/** For the person with the handset; the simulator speaks to programmers who write tests. */
const sentences: Readonly<Record<string, string>> = { pin_missing: 'This one needs the PIN.' }
