interface Client {
  eval(script: string, options: { keys: string[], arguments: string[] }): Promise<unknown>
}

/** What Redis holds of one subject. Instants are epoch milliseconds. */
export interface Record {
  readonly head: number[]
  readonly texts: number[]
  readonly unsent: number[]
  readonly challenges: [id: string, expiresAt: number, attempts: number, maxAttempts: number, resends: number, maxResends: number, marks: number][]
}

const unpack = `
local packed = redis.call('GET', KEYS[1])
if not packed then return '' end
local head = { struct.unpack('<BBdddddddd', packed) }
local at = table.remove(head)
local function instants(size)
  local found = {}
  for place = at, at + size - 1, 8 do found[#found + 1] = struct.unpack('<d', packed, place) end
  at = at + size
  return found
end
local texts, unsent, challenges = instants(head[9]), instants(head[10]), {}
while at <= #packed do
  local challenge = { struct.unpack(head[1] == 2 and '<Bc0dddddH' or '<Bc0dddddB', packed, at) }
  at = table.remove(challenge)
  challenges[#challenges + 1] = challenge
end
return cjson.encode({ head = head, texts = texts, unsent = unsent, challenges = challenges })
`

export async function readRecord(client: Client, key: string): Promise<Record | undefined> {
  const json = await client.eval(unpack, { keys: [key], arguments: [] }) as string
  return json === '' ? undefined : JSON.parse(json) as Record
}

/** Writes one as the store would, or a broken one. */
export const writeRecord = (client: Client, key: string, head: readonly number[], challenge: Record['challenges'][number]): Promise<unknown> => client.eval(
  `redis.call('SET', KEYS[1], struct.pack('<BBdddddddd', unpack(ARGV, 1, 10)) .. struct.pack('<Bc0dddddB', #ARGV[11], unpack(ARGV, 11, 17)))`,
  { keys: [key], arguments: [...head, ...challenge].map(String) },
)
