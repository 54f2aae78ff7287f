import { sharedFetch } from '../src/operators/shared-fetch.js'

const KEYS = 'https://operator.example/jwks'

function setup(answer: () => Response) {
  let now = 0
  const asked: string[] = []
  const fetch = sharedFetch(async (url, init) => {
    asked.push(`${init?.method ?? 'GET'} ${url as string}`)
    return answer()
  }, (url) => url === KEYS, () => now)
  return { fetch, asked, pass: (milliseconds: number) => { now += milliseconds } }
}

describe('A shared fetch', () => {
  it('a shared fetch asks once for all who want the same document, in whatever form they give its address', async () => {
    const { fetch, asked } = setup(() => new Response('{"keys":[]}'))
    const answers = await Promise.all([KEYS, new URL(KEYS), new Request(KEYS)].map(async (address) => (await fetch(address as string)).text()))
    expect(answers).toEqual(Array(3).fill('{"keys":[]}'))
    expect(asked).toEqual([`GET ${KEYS}`])
  })

  it('a shared fetch gives an answer without a body to each caller', async () => {
    const { fetch, asked } = setup(() => new Response(null, { status: 204 }))
    const answers = await Promise.all([fetch(KEYS), fetch(KEYS)])
    expect(answers.map(({ status, body }) => [status, body])).toEqual([[204, null], [204, null]])
    expect(asked).toHaveLength(1)
  })

  it('a shared fetch asks again once an answer is ten seconds old', async () => {
    const { fetch, asked, pass } = setup(() => new Response('{}'))
    await fetch(KEYS)
    pass(9_999)
    await fetch(KEYS)
    expect(asked).toHaveLength(1)
    pass(1)
    await fetch(KEYS)
    expect(asked).toHaveLength(2)
  })

  it('a shared fetch keeps no answer that tells of trouble, and no failure', async () => {
    const answers = [() => new Response('', { status: 503 }), () => { throw new TypeError('fetch failed') }, () => new Response('{}')]
    const { fetch, asked } = setup(() => answers.shift()!())
    expect((await fetch(KEYS)).status).toBe(503)
    await expect(fetch(KEYS)).rejects.toThrow('fetch failed')
    expect((await fetch(KEYS)).status).toBe(200)
    expect(asked).toHaveLength(3)
  })

  it('a shared fetch shares neither a request that writes nor a request to another address', async () => {
    const { fetch, asked } = setup(() => new Response('{}'))
    for (let times = 0; times < 2; times += 1) {
      await fetch(KEYS, { method: 'POST' })
      await fetch('https://operator.example/userinfo')
    }
    expect(asked).toEqual([`POST ${KEYS}`, 'GET https://operator.example/userinfo', `POST ${KEYS}`, 'GET https://operator.example/userinfo'])
  })
})
