import { BoundedMap } from '../src/bounded-map.js'

it('a simulator left running remembers the last ten thousand of a kind, and no more', () => {
  const map = new BoundedMap<number>()
  for (let i = 0; i < 10_001; i++) map.set(String(i), i)
  map.set('10000', 0)
  expect([map.size, map.has('0'), map.has('1'), map.get('10000')]).toEqual([10_000, false, true, 0])
})
