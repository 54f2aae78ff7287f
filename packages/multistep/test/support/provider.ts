import { Provider } from 'oidc-provider'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An OpenID provider with its own login pages, on loopback. The user whom a form names logs in there. */
export async function openIdProvider(redirectUris: string[]) {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = { client_id: 'acme', client_secret: 'a secret of the tests' }
  // It says on the console that its development pages and keys are for development: they are.
  const said = (['warn', 'info'] as const).map((how) => jest.spyOn(console, how).mockImplementation(() => undefined))
  const provider = new Provider(issuer, {
    clients: [{ ...client, redirect_uris: redirectUris, token_endpoint_auth_method: 'client_secret_post' }],
    pkce: { required: () => false },
    claims: { openid: ['sub'] },
    cookies: { keys: ['a key of the tests'] },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  })
  const answer = provider.callback()
  server.on('request', (req, res) => void answer(req, res))
  return {
    issuer,
    client,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      for (const one of said) one.mockRestore()
    },
  }
}

/** A person at the provider: follows from its authorization URL through its login and consent forms, and gives the URL it sends back to. */
export async function signInAt(issuer: string, authorizationUrl: string, name: string): Promise<string> {
  const jar = new Map<string, string>()
  const call = async (url: string, form?: Record<string, string>) => {
    const cookie = [...jar].map(([key, value]) => `${key}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie }, ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}) })
    for (const line of response.headers.getSetCookie()) {
      const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(key)
      else jar.set(key, value)
    }
    return response
  }
  const follow = async (response: Response, from: string): Promise<{ url: string, page?: string }> => {
    const location = response.headers.get('location')
    if (location === null) return { url: from, page: await response.text() }
    const url = new URL(location, from).href
    return url.startsWith(issuer) ? follow(await call(url), url) : { url }
  }
  let at = await follow(await call(authorizationUrl), authorizationUrl)
  for (let form = 0; form < 3 && at.page !== undefined; form += 1) {
    const prompt = /name="prompt" value="(\w+)"/.exec(at.page)?.[1] ?? ''
    at = await follow(await call(at.url, { prompt, ...(prompt === 'login' ? { login: name, password: 'any' } : {}) }), at.url)
  }
  if (at.page !== undefined) throw new Error(`The provider did not send back: ${at.page.slice(0, 200)}`)
  return at.url
}
