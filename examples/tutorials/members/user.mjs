/** In the place of a collection: `_id` is an object, and `save()` keeps what was changed. */
class ObjectId {
  #hex
  constructor(hex) { this.#hex = hex }
  toString() { return this.#hex }
}

class Document {
  constructor(fields) { Object.assign(this, fields) }
  async save() {}
}

const documents = [
  new Document({ _id: new ObjectId('65a1f0c2e4b0a1b2c3d4e5f6'), name: 'Ada', email: 'ada@example.org', password: 'lovelace' }),
]

export const User = {
  findOne: async ({ email }) => documents.find((one) => one.email === email) ?? null,
  findById: async (id) => documents.find((one) => String(one._id) === String(id)) ?? null,
}
