import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { handsetRoutes, startSimulator, type Prompt, type Simulator } from 'mobileconnect-simulator'
import { ada, arrive, callback, queryOf, relyingParty, type RelyingParty } from './support/relying-party.js'

describe('a handset', () => {
  let sim: Simulator
  let rp: RelyingParty
  beforeAll(async () => {
    sim = await startSimulator()
    rp = await relyingParty(sim.operator('a'))
  })
  afterAll(() => sim.close())
  afterEach(async () => {
    for (const { id } of sim.handsets.prompts()) await sim.handsets.deny(id)
  })

  it('a handset says so when there is nothing to answer', async () => {
    for (const answer of ['approve', 'deny', 'ignore'] as const) {
      await expect(sim.handset(ada)[answer]()).rejects.toMatchObject({ code: 'prompt_missing', status: 404 })
    }
  })

  it('a handset waits for the next prompt, and not for ever', async () => {
    const next = sim.handset(ada).next()
    await arrive(rp, { binding_message: 'K7' })
    expect(await next).toMatchObject({ bindingMessage: 'K7' })
    expect(await sim.handset(ada).next()).toMatchObject({ bindingMessage: 'K7' })
    await expect(sim.handset('+447700900002').next({ timeout: '20ms' })).rejects.toMatchObject({ code: 'prompt_missing' })
  })

  it('a handset answers the latest prompt', async () => {
    await arrive(rp, { binding_message: 'first' })
    await arrive(rp, { binding_message: 'second' })
    await sim.handset(ada).approve()
    expect(sim.handset(ada).pending().map(({ bindingMessage }) => bindingMessage)).toEqual(['first'])
  })

  it('ignore() ends the operator\'s waiting at once', async () => {
    const { visitor, visit } = await arrive(rp)
    await sim.handset(ada).ignore()
    expect(queryOf(await visitor.open(visit.url, { stopAt: callback }))).toMatchObject({ error: 'authorization_error', error_description: 'Subscriber consent waiting time expired' })
  })

  it('a handset takes a PIN three times, and then says no', async () => {
    const { visitor, visit } = await arrive(rp, { acr_values: '3' })
    await expect(sim.handset(ada).approve()).rejects.toMatchObject({ code: 'pin_missing', status: 400 })
    for (const left of [2, 1, 0]) await expect(sim.handset(ada).approve({ pin: '0000' })).rejects.toMatchObject({ code: 'pin_wrong', status: 403, message: `That is not the PIN. Tries left: ${left}.` })
    await expect(sim.handset(ada).approve({ pin: '1234' })).rejects.toMatchObject({ code: 'prompt_missing' })
    expect(queryOf(await visitor.open(visit.url, { stopAt: callback }))).toMatchObject({ error: 'access_denied' })
  })
})

describe('handsetRoutes() in an app of one\'s own', () => {
  let sim: Simulator
  let rp: RelyingParty
  let server: Server
  let url: string
  beforeAll(async () => {
    sim = await startSimulator()
    rp = await relyingParty(sim.operator('a'))
    server = createServer(express().use(express.json()).use('/phone', handsetRoutes(sim.handsets)))
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/phone`
  })
  afterAll(async () => {
    await sim.close()
    await new Promise((resolve) => { server.close(resolve).closeAllConnections() })
  })

  const prompts = async (query = '') => await (await fetch(`${url}/prompts${query}`)).json() as Prompt[]
  const answer = (id: string, how: string, body?: object, headers: Record<string, string> = {}) => fetch(`${url}/prompts/${id}/${how}`, {
    method: 'POST', redirect: 'manual', headers: { 'content-type': 'application/json', ...headers }, ...body ? { body: JSON.stringify(body) } : {},
  })

  it('handsetRoutes() lists the prompts that wait, of everybody or of one number in any spelling', async () => {
    await arrive(rp, { binding_message: 'K7-42' })
    const [prompt] = await prompts()
    expect(prompt).toMatchObject({ id: expect.any(String), msisdn: ada, operator: 'a', bindingMessage: 'K7-42', loa: 2 })
    expect(await prompts('?msisdn=+447700900001')).toEqual([prompt])
    expect(await prompts('?msisdn=%2B44%207700%20900001')).toEqual([prompt])
    expect(await prompts('?msisdn=447700900002')).toEqual([])
    expect((await answer(prompt!.id, 'deny')).status).toBe(204)
    expect(await prompts()).toEqual([])
  })

  it('handsetRoutes() approves with a PIN, once', async () => {
    await arrive(rp, { acr_values: '3' })
    const { id } = (await prompts())[0]!
    expect((await answer(id, 'approve')).status).toBe(400)
    const wrong = await answer(id, 'approve', { pin: '9' })
    expect([wrong.status, await wrong.json()]).toEqual([403, { code: 'pin_wrong', message: 'That is not the PIN. Tries left: 2.' }])
    expect((await answer(id, 'approve', { pin: '1234' })).status).toBe(204)
    expect((await answer(id, 'approve', { pin: '1234' })).status).toBe(409)
    expect((await answer('none', 'approve')).status).toBe(404)
    expect((await answer(id, 'shout')).status).toBe(404)
  })

  it('handsetRoutes() takes no answer from a page of another site', async () => {
    await arrive(rp)
    const { id } = (await prompts())[0]!
    expect((await answer(id, 'approve', {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await answer(id, 'approve', {}, { origin: 'https://attacker.example' })).status).toBe(403)
    expect((await answer(id, 'approve', {}, { origin: 'null' })).status).toBe(403)
    expect((await answer(id, 'approve', {}, { origin: new URL(url).origin })).status).toBe(204)
  })

  it('handsetRoutes() serves a page whose forms stay below its own path, and escapes what an app sends', async () => {
    await arrive(rp, { scope: 'openid mc_authz', client_name: '<b>Acme</b>', context: '"><script>' })
    const { id } = (await prompts())[0]!
    const response = await fetch(url, { headers: { accept: 'text/html' } })
    const text = await response.text()
    expect(response.headers.get('content-security-policy')).toContain('default-src \'none\'')
    expect(text).toContain(`action="/phone/prompts/${id}/approve"`)
    expect(text).toContain('&lt;b&gt;Acme&lt;/b&gt;')
    expect(text).not.toContain('<script>')
    const done = await answer(id, 'deny', undefined, { accept: 'text/html' })
    expect([done.status, done.headers.get('location')]).toEqual([303, '/phone/'])
  })
})
