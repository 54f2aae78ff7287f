import { endServers, startServer, type ServerProcess } from './support/server.js'
import { operatorVisit, promptOn } from './support/operator.js'
import { onEveryDatabase } from './support/databases.js'
import { adaPhone, gracePhone, passwords, visitor, wrong, type Name } from './support/visitor.js'

/** A browser whose cookies go to any of the processes, as behind a load balancer. */
function roamer() {
  const cookies = new Map<string, string>()
  const ask = async (server: ServerProcess, path: string, body?: object) => {
    const headers: Record<string, string> = { cookie: [...cookies].map((pair) => pair.join('=')).join('; '), accept: 'application/json' }
    const response = await fetch(server.url + path, body ? { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) } : { headers })
    return { status: response.status, cookies: response.headers.getSetCookie(), body: await response.json() as any }
  }
  const keep = (given: string[]) => given.forEach((cookie) => {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
    cookies.set(name!, value!)
  })
  return {
    ask: async (server: ServerProcess, path: string, body?: object) => {
      const answer = await ask(server, path, body)
      keep(answer.cookies)
      return answer
    },
    /** The same cookies with every request, whatever the answers say. */
    askAtOnce: async (servers: ServerProcess[], count: number, path: string, body: (index: number) => object) =>
      Promise.all(Array.from({ length: count }, (_, index) => ask(servers[index % servers.length]!, path, body(index)))),
    keep,
  }
}

onEveryDatabase('two processes with one', (place, isRedis) => {
  let servers: [ServerProcess, ServerProcess]
  let start: () => Promise<ServerProcess>
  beforeEach(async () => {
    const env = await place()
    start = () => startServer(env)
    servers = await Promise.all([start(), start()])
  })
  afterEach(() => Promise.all(servers.map((server) => server.end('SIGTERM'))))
  afterAll(endServers)

  const pending = async (name: Name, server = servers[0]) => {
    const browser = roamer()
    await browser.ask(server, '/login/local', { username: name, password: passwords[name] })
    if (name === 'ada') await browser.ask(server, '/login/sms-otp/challenge', {})
    return browser
  }

  it('finish a login on the one that was begun on the other, which was killed in between', async () => {
    const ada = await pending('ada')
    const [first, second] = servers
    await first.end('SIGKILL')
    const code = await visitor(second.url).texted(adaPhone)
    expect((await ada.ask(second, '/login/sms-otp', { code })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'sms', 'mfa'] })
    expect((await ada.ask(second, '/account')).body).toMatchObject({ user: { id: 'ada' } })
  })

  it('finish a login after all were killed and one was started again, between password and code', async () => {
    const ada = await pending('ada')
    const code = await visitor(servers[0].url).texted(adaPhone)
    await Promise.all(servers.map((server) => server.end('SIGKILL')))
    const again = await start()
    expect((await ada.ask(again, '/login/sms-otp', { code })).body).toMatchObject({ status: 'complete' })
    expect((await ada.ask(again, '/account')).body).toMatchObject({ user: { id: 'ada' } })
    await again.end('SIGTERM')
  })

  it('show each other\'s texts on the handset, as they arrive', async () => {
    const [first, second] = servers
    const stream = await fetch(`${second.url}/handset/events`)
    await visitor(first.url).begin()
    for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
      if (chunk.includes(adaPhone)) break
    }
    expect((await visitor(second.url).get('/handset/messages')).body).toHaveLength(1)
  })

  it('know the number that grace gave to the other', async () => {
    const [first, second] = servers
    const grace = await pending('grace')
    await grace.ask(first, '/login/sms-otp/challenge', { phone: gracePhone })
    await grace.ask(first, '/login/sms-otp', { code: await visitor(first.url).texted(gracePhone) })
    expect((await grace.ask(second, '/settings')).body).toMatchObject({ user: { id: 'grace' }, phone: '+44 •••• •••499' })
  })

  it('finish a login by Mobile Connect on the other, and share the operators', async () => {
    const [first, second] = servers
    const ada = await pending('ada')
    const { body } = await ada.ask(first, '/login/mobileconnect', {})
    const { go } = operatorVisit()
    const waiting = await go(body.url)
    const { id } = await promptOn(visitor(second.url), adaPhone)
    await visitor(second.url).post(`/handset/prompts/${id}/approve`).expect(204)
    const { back } = await go(waiting.url)
    expect((await ada.ask(second, back!)).body).toMatchObject({ status: 'complete' })
    expect((await ada.ask(first, '/account')).body).toMatchObject({ user: { id: 'ada' } })
  })

  it.each([0, 1])('keep the operators when one of them is killed: %i', async (killed) => {
    const [gone, left] = [servers[killed]!, servers[1 - killed]!]
    await gone.end('SIGKILL')
    const ada = await pending('ada', left)
    const prompts = async () => (await visitor(left.url).get('/handset/prompts')).status
    for (const until = Date.now() + 10_000; await prompts() !== 200 && Date.now() < until;) await new Promise((resolve) => setTimeout(resolve, 100))
    const { body } = await ada.ask(left, '/login/mobileconnect', {})
    const { go } = operatorVisit()
    const waiting = await go(body.url)
    const { id } = await promptOn(visitor(left.url), adaPhone)
    await visitor(left.url).post(`/handset/prompts/${id}/approve`).expect(204)
    const { back } = await go(waiting.url)
    expect((await ada.ask(left, back!)).body).toMatchObject({ status: 'complete' })
  })

  it('log in once for 200 right codes at once', async () => {
    const ada = await pending('ada')
    const code = await visitor(servers[0].url).texted(adaPhone)
    const answers = await ada.askAtOnce(servers, 200, '/login/sms-otp', () => ({ code }))
    const complete = answers.filter(({ body }) => body.status === 'complete')
    expect(complete).toHaveLength(1)
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    ada.keep(complete[0]!.cookies)
    expect((await ada.ask(servers[1], '/account')).body).toMatchObject({ user: { id: 'ada' } })
  })

  it('look at 5 of 500 wrong codes at once, and at no right one after them', async () => {
    const ada = await pending('ada')
    const code = await visitor(servers[0].url).texted(adaPhone)
    const answers = await ada.askAtOnce(servers, 500, '/login/sms-otp', () => ({ code: wrong(code) }))
    const codes = answers.map(({ body }) => body.code as string)
    const evaluated = codes.filter((answer) => answer === 'code_wrong').length
    // In such a rush a database may not answer all in time: what it does not answer is counted, and not looked at.
    const unanswered = codes.filter((answer) => answer === 'store_unavailable').length
    expect(evaluated).toBeLessThanOrEqual(5)
    expect(evaluated + unanswered).toBeGreaterThanOrEqual(5)
    expect(isRedis ? unanswered : 0).toBe(0)
    expect(new Set(codes.filter((answer) => answer !== 'store_unavailable'))).toEqual(new Set(['code_wrong', 'too_many_attempts']))
    expect((await ada.ask(servers[1], '/login/sms-otp', { code })).body).toMatchObject({ status: 429, code: 'too_many_attempts' })
    expect((await ada.ask(servers[1], '/account')).status).toBe(401)
  })
})
