import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWithRedisServer, startRedisServer, type RedisServer } from './support/redis.js'
import { tablesOf } from './support/story-table.js'
import { tellStory, type Told } from './support/story.js'

const page = readFileSync(join(__dirname, '../docs/step-by-step.md'), 'utf8')

/** What stands in the page between the marks of one story. */
const factsOf = (name: string) => new RegExp(`<!-- facts: ${name} -->\n\n([\\s\\S]*?)\n\n<!-- end of facts -->`).exec(page)?.[1]

type Story = Awaited<ReturnType<typeof tellStory>>

const password = { username: 'ada', password: 'lovelace-1815' }
const payment = { payee: 'Bob', amount: '20' }

async function logIn({ request, code }: Story, json: boolean) {
  await request('POST', '/login/local', { json, fields: password })
  await request('POST', '/login/sms-otp', { json, fields: { code: code() } })
}

const stories: Record<string, (story: Story) => Promise<unknown>> = {
  'in a browser': async ({ request, code }) => {
    await request('GET', '/account')
    await request('GET', '/login')
    await request('POST', '/login/local', { fields: password })
    await request('GET', '/login')
    await request('POST', '/login/sms-otp', { fields: { code: code() } })
    await request('GET', '/account')
  },
  'in JSON': async (story) => {
    await logIn(story, true)
    expect(story.told.at(-1)!.body).toMatchObject({ amr: ['pwd', 'sms', 'mfa'] })
    await story.request('GET', '/account', { json: true })
  },
  'a payment': async (story) => {
    const { request, code, told } = story
    await logIn(story, false)
    told.length = 0
    const refused = await request('POST', '/transfer', { fields: payment })
    const id = new URL(refused.to!, story.origin).searchParams.get('for')!
    expect((await request('GET', `/login?for=${id}`)).text).toContain('Bob')
    await request('POST', '/login/sms-otp/challenge', { fields: { for: id } })
    await request('GET', `/login?for=${id}`)
    await request('POST', '/login/sms-otp', { fields: { for: id, code: code() } })
    await request('GET', '/transfer')
    await request('POST', '/transfer', { fields: payment })
    expect(story.inbox.messages.at(-1)!.body).toMatch(/20[\s\S]*Bob/)
  },
  'an operator': async ({ request, sim, follow, phone }) => {
    await request('GET', '/account')
    await request('GET', '/login')
    const begun = await request('POST', '/login/mobileconnect')
    const waiting = await follow(/http-equiv="refresh" content="0;url=([^"]*)"/.exec(begun.text)![1]!.replaceAll('&amp;', '&'))
    await sim.handset(phone).next()
    await sim.handset(phone).approve()
    const back = new URL(await follow(waiting))
    await request('GET', back.pathname + back.search, { site: 'cross-site' })
    await request('GET', '/account')
  },
  'logging out': async (story) => {
    await logIn(story, false)
    story.told.length = 0
    await story.request('POST', '/logout')
    await story.request('GET', '/account')
  },
}

describeWithRedisServer('docs/step-by-step.md', () => {
  let server: RedisServer
  let story: Story
  const seen = new Map<string, Told[]>()

  beforeAll(async () => {
    server = await startRedisServer()
    story = await tellStory(server)
    for (const [name, tell] of Object.entries(stories)) {
      await story.begin()
      await tell(story)
      seen.set(name, [...story.told])
    }
  })
  afterAll(async () => {
    await story.close()
    await server.close()
  })

  it.each(Object.keys(stories))('docs/step-by-step.md says what happens, is kept and is asked of Redis, as it was seen: %s', (name) => {
    expect(factsOf(name)).toBe(tablesOf(seen.get(name)!))
  })

  it('docs/step-by-step.md says how many commands the posts of a login take, and for what', () => {
    const posts = (name: string) => seen.get(name)!.filter(({ method }) => method === 'POST').flatMap(({ trips }) => trips)
    const [browser, json] = [posts('in a browser'), posts('in JSON')]
    expect(page).toContain(`**${browser.length}** in a browser, **${json.length}** in JSON`)
    const count = (trips: readonly string[], pattern: RegExp) => trips.filter((trip) => pattern.test(trip)).length
    expect(page).toContain(`| sessions | ${count(browser, /^session/)} (${count(json, /^session/)}) |`)
    expect(page).toContain(`| tombstones | ${count(browser, /Tombstone$/)} (${count(json, /Tombstone$/)}) |`)
    for (const [name, pattern] of [['counting wrong passwords', /^flow (attempt|settle)$/], ['the flow', /^flow \w+Flow$/], ['the code', /^challenge/]] as const) {
      expect(page).toContain(`| ${name} | ${count(browser, pattern)} |`)
      expect(count(json, pattern)).toBe(count(browser, pattern))
    }
  })

  it('docs/step-by-step.md shows nobody as logged in before the last step', () => {
    const last = { 'in a browser': 5, 'in JSON': 2, 'an operator': 4 }
    for (const [name, step] of Object.entries(last)) expect(seen.get(name)!.map(({ authenticated }) => authenticated).indexOf(true)).toBe(step - 1)
  })

  it('docs/step-by-step.md is right that neither a code nor a whole number is kept anywhere', () => {
    const everything = JSON.stringify([...seen.values()].flatMap((told) => told.map(({ kept }) => kept)))
    expect(everything).not.toContain(story.phone.slice(1))
    for (const { body } of story.inbox.messages) expect(everything).not.toMatch(new RegExp(`(?<!\\d)${/#(\d{6})$/.exec(body)![1]!}(?!\\d)`))
  })
})
