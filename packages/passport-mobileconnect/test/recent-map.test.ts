import { RecentMap } from '../src/recent-map.js'

describe('RecentMap', () => {
  it('RecentMap forgets the entry that was used longest ago when it holds more than it may', () => {
    const map = new RecentMap<{ id: string }>(2)
    for (const id of ['a', 'b']) map.set(id, { id })
    expect(map.get('a')).toEqual({ id: 'a' })
    map.set('c', { id: 'c' })
    expect(['a', 'b', 'c'].map((id) => map.get(id)?.id)).toEqual(['a', undefined, 'c'])
    map.delete('a')
    expect(map.get('a')).toBe(undefined)
  })
})
