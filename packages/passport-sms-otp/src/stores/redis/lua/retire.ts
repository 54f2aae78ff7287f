/** Keys: challenge. */
export const retire = `
redis.call('DEL', KEYS[1])
return { 'done' }
`
