import { createClient } from 'redis'
import { aims } from '../lib/aims.js'
import { Child } from '../lib/children.js'
import { Client } from '../lib/client.js'
import { hammering } from '../lib/hammer.js'
import { compared, inTurns, ratioTitle } from '../lib/measure.js'
import { row, title } from '../lib/print.js'
import { Commands, connected } from '../lib/redis-commands.js'
import { placeAt, removePlace, type RedisPlace } from '../lib/redis-server.js'

/** Many short rounds: what differs by a hundredth is lost in one long one. */
const rounds = 31

/** An app that a person is logged in to. */
interface Guarded { readonly child: Child, readonly client: Client, readonly url: string }

async function guarded(variant: 'multistep' | 'passport', redis: RedisPlace | undefined): Promise<Guarded> {
  const child = await Child.start('guarded', { variant, redis })
  const url = await child.ask<string>('url')
  const client = new Client(url)
  for (const factor of ['local', 'fob']) await client.post(`/login/${factor}`, { username: 'user1', password: 'right' })
  return { child, client, url }
}

const asking = ({ child, client, url }: Guarded, name: string, path: string) =>
  hammering(name, child, url + path, client.cookie())

/** What reading the login's record costs, too: the whole way of a request, beside a plain Passport app. */
async function compareApps(where: 'memory' | 'redis', redis: RedisPlace | undefined): Promise<void> {
  const mine = await guarded('multistep', redis)
  const plain = await guarded('passport', redis && { ...redis, prefix: `${redis.prefix}plain:` })
  const again = await guarded('passport', redis && { ...redis, prefix: `${redis.prefix}again:` })
  const guard = asking(mine, 'session() + require()', '/plain')
  const strict = asking(mine, 'session() + require({ mfa, maxAge })', '/mfa')
  const passport = asking(plain, 'passport.session() + isAuthenticated()', '/checked')
  const control = asking(again, 'the same, a second time', '/checked')
  const rates = await inTurns([guard, strict, passport, control], rounds)
  ratioTitle(`A guarded route, ${where === 'redis' ? 'on Redis' : 'in memory'}`)
  compared(rates, control, passport)
  compared(rates, guard, passport, aims.guard[where])
  compared(rates, strict, passport)
  const sides = [guard, strict, passport, control]
  sides.forEach((side) => side.close())
  if (redis) await countCommands(redis.url, plain, mine)
  await Promise.all([mine, plain, again].map(({ child }) => child.stop()))
}

async function countCommands(url: string, plain: Guarded, mine: Guarded): Promise<void> {
  title('Commands that one request sends to Redis', 'commands')
  const client = await connected(createClient({ url }))
  const commands = await Commands.of(client)
  const requests = [
    [plain, 'passport.session() + isAuthenticated()', '/checked'],
    [mine, 'session() + require()', '/plain'],
    [mine, 'session() + require({ mfa, maxAge })', '/mfa'],
  ] as const
  for (const [app, name, path] of requests) {
    const seen = await commands.during(() => app.client.send('GET', path))
    row(name, seen.length, `  ${seen.join(' ')}`)
  }
  commands.close()
  await client.close()
}

export async function benchGuards(redisUrl: string | undefined): Promise<void> {
  await compareApps('memory', undefined)
  if (redisUrl === undefined) return console.log('\nA guarded route, on Redis: skipped (no Redis)')
  const redis = placeAt(redisUrl)
  await compareApps('redis', redis)
  await removePlace(redis)
}
