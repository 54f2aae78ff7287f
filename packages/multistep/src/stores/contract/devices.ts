import type { DeviceUse, NewDevice } from '../device-store.js'
import { aFlow, aLogin, bench, count, minute, parallel, rejects, type ContractKit } from './kit.js'

const partition = 'person'
const day = 24 * 60 * minute
const deviceTtl = 30 * day

const aDevice = (id: string, more: Partial<NewDevice> = {}): NewDevice =>
  ({
    id, token: `${id}-1`, purpose: 'purpose', fingerprint: 'fingerprint', ttl: deviceTtl, factors: ['sms-otp'],
    label: 'Firefox, "Linux" é', ...more,
  })

const using = (id: string, token: string, more: Partial<DeviceUse> = {}): DeviceUse =>
  ({ tokens: [{ id, token }], next: `${token}-next`, purpose: 'purpose', fingerprint: 'fingerprint', ...more })

export function deviceContract(kit: ContractKit): void {
  kit.describe('rememberDevice and listDevices', () => remembering(kit))
  kit.describe('useDevice', () => usage(kit))
  kit.describe('forgetDevice and forgetDevices', () => forgetting(kit))
  kit.describe('endAll', () => endingAll(kit))
}

function remembering(kit: ContractKit): void {
  const { it, expect } = kit

  it('keeps what is told of a device, dated by the store, and no digest comes back', async () => {
    const { store, now } = await bench(kit)
    const dates = { createdAt: now(), lastUsedAt: now(), expiresAt: now() + deviceTtl }
    expect(await store.rememberDevice(partition, aDevice('a'), 10)).toEqual([])
    const second = { id: 'b', token: 't', purpose: 'p', fingerprint: 'f', ttl: deviceTtl, factors: [] }
    expect(await store.rememberDevice(partition, second, 10)).toEqual([])
    expect(await store.listDevices(partition)).toEqual([
      { id: 'a', factors: ['sms-otp'], label: 'Firefox, "Linux" é', ...dates }, { id: 'b', factors: [], ...dates },
    ])
    expect(await store.listDevices('nobody')).toEqual([])
  })

  it('keeps at most `max`: the one that was remembered first goes, and is told', async () => {
    const { store } = await bench(kit)
    for (const id of ['a', 'b', 'c']) expect(await store.rememberDevice(partition, aDevice(id), 3)).toEqual([])
    await store.useDevice(partition, using('a', 'a-1'))
    expect(await store.rememberDevice(partition, aDevice('d'), 3)).toEqual(['a'])
    expect((await store.listDevices(partition)).map(({ id }) => id)).toEqual(['b', 'c', 'd'])
    expect(await store.rememberDevice(partition, aDevice('e'), 1)).toEqual(['b', 'c', 'd'])
  })

  it('holds `max` against 50 parallel callers', async () => {
    const { store } = await bench(kit)
    const gone = await parallel(50, (index) => store.rememberDevice(partition, aDevice(`d${index}`), 10))
    expect((await store.listDevices(partition)).length).toBe(10)
    expect(new Set(gone.flat()).size).toBe(40)
  })

  it('puts a device in the place of others, and of one with its id', async () => {
    const { store } = await bench(kit)
    for (const id of ['a', 'b', 'c']) await store.rememberDevice(partition, aDevice(id), 3)
    expect(await store.rememberDevice(partition, aDevice('d', { replaces: ['a', 'nobody', 'a'] }), 3)).toEqual(['a'])
    expect(await store.rememberDevice(partition, aDevice('b', { token: 'b-2' }), 3)).toEqual([])
    expect((await store.listDevices(partition)).map(({ id }) => id)).toEqual(['c', 'd', 'b'])
    expect((await store.useDevice(partition, using('b', 'b-2'))).status).toBe('ok')
  })

  it('does not count those that have expired', async () => {
    const { store, pass } = await bench(kit)
    await store.rememberDevice(partition, aDevice('short', { ttl: minute }), 2)
    await store.rememberDevice(partition, aDevice('long'), 2)
    pass(minute)
    expect(await store.rememberDevice(partition, aDevice('new'), 2)).toEqual([])
    expect((await store.listDevices(partition)).map(({ id }) => id)).toEqual(['long', 'new'])
  })

  it('rejects what is no base64url word', async () => {
    const { store } = await bench(kit)
    for (const malformed of ['', 'a b', 'a}b', 'a.b', 'a:b', 'a\n']) {
      expect(await rejects(store.rememberDevice(malformed, aDevice('a'), 10))).toBe(true)
      expect(await rejects(store.rememberDevice(partition, aDevice(malformed), 10))).toBe(true)
      expect(await rejects(store.rememberDevice(partition, aDevice('a', { token: malformed }), 10))).toBe(true)
      expect(await rejects(store.useDevice(partition, using('a', malformed)))).toBe(true)
      expect(await rejects(store.endAll(malformed, deviceTtl))).toBe(true)
    }
    expect(await store.listDevices(partition)).toEqual([])
  })
}

function usage(kit: ContractKit): void {
  const { it, expect } = kit

  it('is ok with the present token, which is replaced, and dates the use; the expiry stays (D-06)', async () => {
    const { store, now, pass } = await bench(kit)
    const createdAt = now()
    await store.rememberDevice(partition, aDevice('a'), 10)
    pass(day)
    const device = {
      id: 'a',
      factors: ['sms-otp'],
      label: 'Firefox, "Linux" é',
      createdAt,
      lastUsedAt: now(),
      expiresAt: createdAt + deviceTtl,
    }
    expect(await store.useDevice(partition, using('a', 'a-1'))).toEqual({ status: 'ok', device })
    expect(await store.listDevices(partition)).toEqual([device])
    expect((await store.useDevice(partition, using('a', 'a-1-next'))).status).toBe('ok')
  })

  it('is reused with an earlier token, or any other: the device is gone (D-03)', async () => {
    const { store } = await bench(kit)
    await store.rememberDevice(partition, aDevice('a'), 10)
    await store.rememberDevice(partition, aDevice('b'), 10)
    await store.useDevice(partition, using('a', 'a-1'))
    expect(await store.useDevice(partition, using('a', 'a-1'))).toEqual({ status: 'reused', id: 'a' })
    expect(await store.useDevice(partition, using('a', 'a-1-next'))).toEqual({ status: 'unknown' })
    expect((await store.listDevices(partition)).map(({ id }) => id)).toEqual(['b'])
  })

  it('is ok for exactly one of 20 parallel callers, and reuse is told once (D-03)', async () => {
    const { store } = await bench(kit)
    await store.rememberDevice(partition, aDevice('a'), 10)
    const answers = await parallel(20, () => store.useDevice(partition, using('a', 'a-1')))
    expect([
      count(answers, ({ status }) => status === 'ok'),
      count(answers, ({ status }) => status === 'reused'),
      count(answers, ({ status }) => status === 'unknown'),
    ]).toEqual([1, 1, 18])
  })

  it('is the first use again for the browser that made it, within ten seconds, however often (D-04)', async () => {
    const { store, pass } = await bench(kit)
    await store.rememberDevice(partition, aDevice('a'), 10)
    const by = { browser: 'browser', sealed: 'sealed' }
    const first = await store.useDevice(partition, using('a', 'a-1', { ...by, next: 'two' }))
    expect(first.status).toBe('ok')
    for (const wait of [0, 1, 9998]) {
      pass(wait)
      const answer = await store.useDevice(partition, using('a', 'a-1', { ...by, sealed: 'other', next: 'three' }))
      expect(answer).toEqual({ ...first, again: 'sealed' })
    }
    const later = await store.useDevice(partition, using('a', 'two', { ...by, sealed: 'later', next: 'four' }))
    expect(later.status).toBe('ok')
    expect(await store.useDevice(partition, using('a', 'a-1', by))).toEqual({ status: 'reused', id: 'a' })
  })

  it('is one use for the parallel posts of one browser (D-04)', async () => {
    const { store } = await bench(kit)
    await store.rememberDevice(partition, aDevice('a'), 10)
    const answers = await parallel(
      20,
      (index) => store.useDevice(
        partition, using('a', 'a-1', { browser: 'browser', sealed: `s${index}`, next: `n${index}` }),
      ),
    )
    const again = answers.flatMap(
      (answer) => (answer.status === 'ok' && answer.again !== undefined ? [answer.again] : []),
    )
    expect([count(answers, ({ status }) => status === 'ok'), again.length, new Set(again).size]).toEqual([20, 19, 1])
  })

  for (const [title, wait, more] of [
    ['another browser', 0, { browser: 'another', sealed: 'sealed' }], ['a browser that cannot be told', 0, {}],
    ['the same one ten seconds later', 10_000, { browser: 'browser', sealed: 'sealed' }],
    [
      'the same one for a person who has changed', 0,
      { browser: 'browser', sealed: 'sealed', fingerprint: 'another' },
    ],
  ] as const) {
    it(`is reused when the spent token comes from ${title} (D-03)`, async () => {
      const { store, pass } = await bench(kit)
      await store.rememberDevice(partition, aDevice('a'), 10)
      await store.useDevice(partition, using('a', 'a-1', { browser: 'browser', sealed: 'sealed' }))
      pass(wait)
      expect(await store.useDevice(partition, using('a', 'a-1', more))).toEqual({ status: 'reused', id: 'a' })
      expect(await store.listDevices(partition)).toEqual([])
    })
  }

  it('is unknown for another person, and leaves the device alone (D-01)', async () => {
    const { store } = await bench(kit)
    await store.rememberDevice(partition, aDevice('a'), 10)
    expect(await store.useDevice('other', using('a', 'a-1'))).toEqual({ status: 'unknown' })
    expect((await store.useDevice(partition, using('a', 'a-1'))).status).toBe('ok')
  })

  it('is unknown for another purpose, and leaves the device alone (D-02)', async () => {
    const { store } = await bench(kit)
    await store.rememberDevice(partition, aDevice('a'), 10)
    expect(await store.useDevice(partition, using('a', 'a-1', { purpose: 'another' }))).toEqual({ status: 'unknown' })
    expect(await store.useDevice(partition, using('a', 'wrong', { purpose: 'another' }))).toEqual({ status: 'unknown' })
    expect((await store.useDevice(partition, using('a', 'a-1'))).status).toBe('ok')
  })

  it('is outdated with another fingerprint: the device is gone, and does not come back with ' +
    'the fingerprint (D-05)', async () => {
    const { store } = await bench(kit)
    await store.rememberDevice(partition, aDevice('a'), 10)
    const other = await store.useDevice(partition, using('a', 'a-1', { fingerprint: 'another' }))
    expect(other).toEqual({ status: 'outdated', id: 'a' })
    expect(await store.useDevice(partition, using('a', 'a-1'))).toEqual({ status: 'unknown' })
    expect(await store.listDevices(partition)).toEqual([])
  })

  it('is unknown from the instant of its expiry, however much it was used (D-06)', async () => {
    const { store, pass } = await bench(kit)
    await store.rememberDevice(partition, aDevice('a', { ttl: minute }), 10)
    await store.rememberDevice(partition, aDevice('b'), 10)
    pass(minute - 1)
    expect((await store.useDevice(partition, using('a', 'a-1'))).status).toBe('ok')
    pass(1)
    expect(await store.useDevice(partition, using('a', 'a-1-next'))).toEqual({ status: 'unknown' })
    expect((await store.listDevices(partition)).map(({ id }) => id)).toEqual(['b'])
    pass(deviceTtl)
    expect(await store.useDevice(partition, using('b', 'b-1'))).toEqual({ status: 'unknown' })
  })

  it('finds this person\'s among the devices of several', async () => {
    const { store } = await bench(kit)
    await store.rememberDevice(partition, aDevice('a'), 10)
    await store.rememberDevice('other', aDevice('b'), 10)
    const tokens = [{ id: 'b', token: 'b-1' }, { id: 'a', token: 'a-1' }]
    const answer = await store.useDevice(partition, using('', '', { tokens, next: 'next' }))
    expect(answer.status === 'ok' && answer.device.id).toBe('a')
    expect((await store.useDevice('other', using('b', 'b-1'))).status).toBe('ok')
    expect((await store.useDevice(partition, using('', '', { tokens: [], next: 'next' }))).status).toBe('unknown')
  })
}

function forgetting(kit: ContractKit): void {
  const { it, expect } = kit

  it('forgets one, and says whether there was one', async () => {
    const { store, pass } = await bench(kit)
    await store.rememberDevice(partition, aDevice('a'), 10)
    await store.rememberDevice(partition, aDevice('b', { ttl: minute }), 10)
    expect(await store.forgetDevice('other', 'a')).toBe(false)
    expect(await store.forgetDevice(partition, 'a')).toBe(true)
    expect(await store.forgetDevice(partition, 'a')).toBe(false)
    for (const malformed of ['', 'expiresAt', 'a b', '__proto__']) {
      expect(await store.forgetDevice(partition, malformed)).toBe(false)
    }
    expect((await store.listDevices(partition)).map(({ id }) => id)).toEqual(['b'])
    pass(minute)
    expect(await store.forgetDevice(partition, 'b')).toBe(false)
  })

  it('forgets all of a person, and nobody else\'s', async () => {
    const { store } = await bench(kit)
    for (const id of ['a', 'b']) await store.rememberDevice(partition, aDevice(id), 10)
    await store.rememberDevice('other', aDevice('c'), 10)
    expect(await store.forgetDevices(partition)).toEqual(['a', 'b'])
    expect(await store.forgetDevices(partition)).toEqual([])
    expect(await store.useDevice(partition, using('a', 'a-1'))).toEqual({ status: 'unknown' })
    expect((await store.listDevices('other')).length).toBe(1)
  })
}

function endingAll(kit: ContractKit): void {
  const { it, expect } = kit
  const id = 'person.flow'

  it('ends the logins, flows and devices of a person, and nobody else\'s (R-56, D-05)', async () => {
    const { store } = await bench(kit)
    for (const person of [partition, 'other']) {
      for (const name of ['one', 'two']) await store.createLogin(aLogin(`${person}.${name}`))
      await store.createFlow(`${person}.flow`, aFlow, minute)
      await store.rememberDevice(person, aDevice('a'), 10)
    }
    expect(await store.endAll(partition, day)).toEqual(['a'])
    for (const name of ['one', 'two']) {
      expect((await store.readLogin(`${partition}.${name}`)).login).toBe(undefined)
      expect((await store.readLogin(`other.${name}`)).login?.userId).toBe('7')
    }
    expect((await store.readFlow('person.flow')).flow).toBe(undefined)
    expect((await store.readFlow('other.flow')).flow?.version).toBe(1)
    expect([(await store.listDevices(partition)).length, (await store.listDevices('other')).length]).toEqual([0, 1])
  })

  it('lets no ended flow be moved, or end in a login', async () => {
    const { store } = await bench(kit)
    await store.createFlow(id, aFlow, 10 * minute)
    await store.endAll(partition, day)
    expect(await store.advanceFlow(id, 1, aFlow)).toBe(false)
    expect(await store.finishFlow(id, 1, aLogin('person.login'))).toBe(false)
    expect((await store.readLogin('person.login')).login).toBe(undefined)
  })

  it('does not concern what is made afterwards, in the same millisecond too, however often it is called', async () => {
    const { store, pass } = await bench(kit)
    for (let time = 0; time < 3; time += 1) {
      await store.createLogin(aLogin(`person.before-${time}`, day))
      await store.endAll(partition, day)
      await store.createLogin(aLogin(`person.after-${time}`, day))
      expect(await store.createFlow(`person.flow-${time}`, aFlow, minute)).toBe(true)
      expect((await store.readLogin(`person.before-${time}`)).login).toBe(undefined)
      expect((await store.readLogin(`person.after-${time}`)).login?.userId).toBe('7')
      expect((await store.readFlow(`person.flow-${time}`)).flow?.version).toBe(1)
      if (time === 1) pass(minute)
    }
    expect((await store.readLogin('person.after-1')).login).toBe(undefined)
  })

  it('ends what was made after an earlier call, even when that one is long past', async () => {
    const { store, pass } = await bench(kit)
    await store.endAll(partition, 10 * minute)
    await store.createLogin(aLogin('person.login', day))
    pass(10 * minute)
    expect((await store.readLogin('person.login')).login?.userId).toBe('7')
    await store.endAll(partition, 10 * minute)
    expect((await store.readLogin('person.login')).login).toBe(undefined)
  })

  it('holds for as long as it was told, a shorter call afterwards or not', async () => {
    const { store, pass } = await bench(kit)
    await store.createLogin(aLogin('person.login', day))
    await store.endAll(partition, day)
    await store.endAll(partition, minute)
    pass(day - 1)
    expect((await store.readLogin('person.login')).login).toBe(undefined)
  })
}
