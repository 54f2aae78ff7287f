import { scryptSync, timingSafeEqual } from 'node:crypto'

const hash = (password, salt) => scryptSync(password, salt, 32)

/** In the place of a table of a database. */
function user(id, username, password) {
  const hashed = hash(password, username)
  return { id, username, todos: [], checkPassword: (given) => timingSafeEqual(hash(given, username), hashed) }
}

export const users = [user(1, 'ada', 'lovelace'), user(2, 'grace', 'hopper')]
