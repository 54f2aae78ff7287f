/** A browser: follows redirects by hand, keeps cookies by host and path, and runs no script. */
export class Visitor {
  private readonly jar: { host: string, path: string, name: string, value: string }[] = []

  /** Another browser with these cookies as they are now: a stolen copy. */
  copy(): Visitor {
    const copy = new Visitor()
    copy.jar.push(...this.jar)
    return copy
  }

  /** Follows redirects until a page, or an address that `stopAt` begins. */
  async open(url: string, { stopAt, ...init }: RequestInit & { stopAt?: string } = {}): Promise<Visit> {
    const response = await this.request(url, init)
    const location = response.headers.get('location')
    if (location === null) return { url, response, text: await response.text() }
    await response.body?.cancel()
    const next = new URL(location, url).href
    if (stopAt !== undefined && next.startsWith(stopAt)) return { url: next, response, text: '' }
    return this.open(next, { ...stopAt === undefined ? {} : { stopAt } })
  }

  /** Posts a form to the page one is on. */
  async submit(url: string, fields: Record<string, string>, stopAt?: string): Promise<Visit> {
    return this.open(url, { method: 'POST', body: new URLSearchParams(fields), ...stopAt === undefined ? {} : { stopAt } })
  }

  async request(url: string, init: RequestInit = {}): Promise<Response> {
    const { host, pathname } = new URL(url)
    const cookie = this.jar.filter((kept) => kept.host === host && pathname.startsWith(kept.path)).map(({ name, value }) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', ...init, headers: { accept: 'text/html', ...init.headers as object, cookie } })
    response.headers.getSetCookie().forEach((line) => this.keep(host, line))
    return response
  }

  private keep(host: string, line: string): void {
    const [pair, ...attributes] = line.split('; ')
    const [name, value] = pair!.split(/=(.*)/s) as [string, string]
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/'
    const index = this.jar.findIndex((kept) => kept.host === host && kept.path === path && kept.name === name)
    if (index >= 0) this.jar.splice(index, 1)
    if (value !== '') this.jar.push({ host, path, name, value })
  }
}

export interface Visit {
  readonly url: string
  readonly response: Response
  readonly text: string
}
