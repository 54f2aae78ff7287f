/** A browser: keeps cookies by host, and follows what it is told to. */
export class Browser {
  private readonly cookies = new Map<string, Map<string, string>>()

  /** One request, no redirect followed. */
  async request(url: string, init: RequestInit = {}): Promise<Response> {
    const { host } = new URL(url)
    const jar = this.cookies.get(host) ?? new Map<string, string>()
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', ...init, headers: { ...init.headers as object, ...cookie === '' ? {} : { cookie } } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    this.cookies.set(host, jar)
    return response
  }

  /** Follows redirects until a page, or until an address that `stopAt` begins; that address. */
  async follow(url: string, stopAt: string): Promise<string> {
    const location = (await this.request(url)).headers.get('location')
    if (location === null) return url
    const next = new URL(location, url).href
    return next.startsWith(stopAt) ? next : this.follow(next, stopAt)
  }
}
