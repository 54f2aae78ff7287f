import { checkUserId, isSamePerson, userIdOf } from '#internal/passport-user'
import { ownId, withoutObject } from '#internal/user-id'

const hex = '65a1f0c2e4b0a1b2c3d4e5f6'

/** As `bson` writes one: two copies of one id are two objects. */
class ObjectId {
  private readonly hex: string
  constructor(text: string) { this.hex = text }
  toHexString() { return this.hex }
  toString() { return this.hex }
}

/** As Mongoose prints a whole document. */
class Document {
  toString() { return `{ _id: new ObjectId('${hex}'), name: 'Ada' }` }
}

const isError = expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('userId must return the id of the user') })

describe('A user id', () => {
  it('a user id that is an ObjectId is its text, the same for each copy of it', async () => {
    expect(withoutObject(new ObjectId(hex))).toBe(hex)
    expect(await isSamePerson({ id: new ObjectId(hex) }, { id: hex }, {})).toBe(true)
    expect(await isSamePerson({ id: new ObjectId(hex) }, { id: new ObjectId(hex.replace('6', '7')) }, {})).toBe(false)
  })

  it('a user id is read from id, else from _id', async () => {
    expect(await userIdOf({ _id: new ObjectId(hex) }, {})).toBe(hex)
    expect(await userIdOf({ id: 'ada', _id: new ObjectId(hex) }, {})).toBe('ada')
    expect(ownId({})).toBeUndefined()
  })

  it.each<[string, unknown]>([
    ['a plain object', {}], ['an object without a prototype', Object.create(null)], ['a list', ['1']], ['a date', new Date(0)],
    ['bytes', Buffer.from([0xff])], ['a whole document', new Document()], ['an object with an empty text', { toString: () => '' }],
    ['a promise', Promise.resolve(1)], ['null', null], ['nothing', undefined], ['an empty text', ''], ['no number', Number.NaN],
  ])('a user id that is %s is refused, because two users could be one', (_, id) => {
    expect(withoutObject(id)).toBe(id)
    expect(() => checkUserId(id)).toThrow(isError)
  })
})
