/**
 * Keys: what is remembered, a hash. Arguments: now, then names and values in pairs. Answers with names and values in
 * turn.
 */
export const remember = `
for index = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1]) end
return redis.call('HGETALL', KEYS[1])
`
