import { onEveryDatabase } from './support/databases.js'
import { operatorVisit, promptOn } from './support/operator.js'
import { codeOfNewText, roamer, textsTo, type Roamer } from './support/roamer.js'
import { endServers, startServer, type ServerProcess } from './support/server.js'
import { adaPhone, gracePhone, visitor } from './support/visitor.js'

onEveryDatabase('two processes with one', (place) => {
  let env: Record<string, string>
  let servers: ServerProcess[] = []
  beforeAll(async () => { env = await place() })
  // Those that a test has killed are started again.
  beforeEach(async () => {
    const living = servers.filter((server) => server.isRunning())
    const missing = Array.from({ length: 2 - living.length }, () => startServer(env))
    servers = [...living, ...await Promise.all(missing)]
  })
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.end('SIGTERM')))
    endServers()
  })

  const pending = async (server: ServerProcess) => {
    const ada = roamer()
    await ada.password(server, 'ada')
    return ada
  }
  const codeFor = (ada: Roamer, server: ServerProcess) =>
    codeOfNewText(server, adaPhone, () => ada.ask(server, '/login/sms-otp/challenge', {}))

  /** Begun on one, approved on the phone, and finished on the other. */
  const byMobileConnect = async (ada: Roamer, begun: ServerProcess, finished: ServerProcess) => {
    const { body } = await ada.ask(begun, '/login/mobileconnect', {})
    const { go } = operatorVisit()
    const waiting = await go(body.url)
    const { id } = await promptOn(visitor(finished.url), adaPhone)
    await visitor(finished.url).post(`/handset/prompts/${id}/approve`).expect(204)
    const { back } = await go(waiting.url)
    return ada.ask(finished, back!)
  }

  it('two processes with one database show each other\'s texts on the handset, as they arrive', async () => {
    const [first, second] = servers as [ServerProcess, ServerProcess]
    const stream = await fetch(`${second.url}/handset/events`)
    const { length } = await textsTo(second, adaPhone)
    const ada = await pending(first)
    const code = await codeFor(ada, first)
    for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
      if (chunk.includes(code)) break
    }
    expect(await textsTo(second, adaPhone)).toHaveLength(length + 1)
    expect((await ada.ask(first, '/login/sms-otp', { code })).body).toMatchObject({ status: 'complete' })
  })

  it('a process knows the number that grace gave to the other process', async () => {
    const [first, second] = servers as [ServerProcess, ServerProcess]
    const grace = roamer()
    await grace.password(first, 'grace')
    const code = await codeOfNewText(second, gracePhone, () => grace.ask(first, '/login/sms-otp/challenge', { phone: gracePhone }))
    await grace.ask(first, '/login/sms-otp', { code })
    const { body } = await grace.ask(second, '/settings')
    expect(body).toMatchObject({ user: { id: 'grace' }, phone: '+44 •••• •••499' })
  })

  it('a process finishes a login by Mobile Connect that began on the other, and both share the operators', async () => {
    const [first, second] = servers as [ServerProcess, ServerProcess]
    const ada = await pending(first)
    expect((await byMobileConnect(ada, first, second)).body).toMatchObject({ status: 'complete' })
    expect((await ada.ask(first, '/account')).body).toMatchObject({ user: { id: 'ada' } })
  })

  // One of the two had the operators, and the one that took them over is the next to be killed.
  it.each([0, 1])('a process keeps the operators when the other process is killed: %i', async (killed) => {
    const [gone, left] = [servers[killed]!, servers[1 - killed]!]
    await gone.end('SIGKILL')
    const prompts = async () => (await visitor(left.url).get('/handset/prompts')).status
    for (const until = Date.now() + 10_000; await prompts() !== 200 && Date.now() < until;) await new Promise((resolve) => setTimeout(resolve, 100))
    expect((await byMobileConnect(await pending(left), left, left)).body).toMatchObject({ status: 'complete' })
  })

  it('a process finishes a login that was begun on the other process, which was killed in between', async () => {
    const [first, second] = servers as [ServerProcess, ServerProcess]
    const ada = await pending(first)
    const code = await codeFor(ada, first)
    await first.end('SIGKILL')
    const { body } = await ada.ask(second, '/login/sms-otp', { code })
    expect(body).toMatchObject({ status: 'complete', amr: ['pwd', 'sms', 'mfa'] })
    expect((await ada.ask(second, '/account')).body).toMatchObject({ user: { id: 'ada' } })
  })

  it('a process finishes a login after all were killed and one was started again, between password and code', async () => {
    const ada = await pending(servers[0]!)
    const code = await codeFor(ada, servers[0]!)
    await Promise.all(servers.map((server) => server.end('SIGKILL')))
    servers = [await startServer(env)]
    const [again] = servers as [ServerProcess]
    expect((await ada.ask(again, '/login/sms-otp', { code })).body).toMatchObject({ status: 'complete' })
    expect((await ada.ask(again, '/account')).body).toMatchObject({ user: { id: 'ada' } })
  })
})
