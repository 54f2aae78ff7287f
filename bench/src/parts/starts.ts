import { aims } from '../lib/aims.js'
import { Child } from '../lib/children.js'
import { Client } from '../lib/client.js'
import { threePosts, twoPosts, type Way } from '../lib/logging-in.js'
import { at } from '../lib/measure.js'
import { aimed, title } from '../lib/print.js'

const rounds = 7

const programs = [
  { name: 'hand-written', program: 'hand-written', way: twoPosts },
  { name: 'multistep + passport-sms-otp', program: 'multistep', way: twoPosts, aim: aims.firstAnswerMilliseconds },
  { name: 'better-auth, memory adapter', program: 'better-auth', variant: 'memory', way: threePosts },
] as const

/** From the start of a process until its first password is answered, by the clock and by processor time. */
export async function benchStarts(): Promise<void> {
  const found = programs.map((): { wall: number, cpu: number }[] => [])
  for (let round = 0; round < rounds; round += 1) {
    for (const [place, { program, way, ...rest }] of programs.entries()) {
      found[place]?.push(await start(program, way, 'variant' in rest ? rest.variant : undefined))
    }
  }
  title('Milliseconds from the start of a process to its first answer', 'ms', 'aim', '', 'CPU ms')
  for (const [place, { name, ...rest }] of programs.entries()) {
    const wall = at(0.5, found[place]?.map((one) => one.wall) ?? [])
    const cpu = at(0.5, found[place]?.map((one) => one.cpu) ?? [])
    aimed(name, wall, Math.round(wall).toString(), 'aim' in rest ? rest.aim : undefined, Math.round(cpu))
  }
}

async function start(program: string, way: Way, variant: string | undefined): Promise<{ wall: number, cpu: number }> {
  const begun = performance.now()
  const child = await Child.start(program, { variant })
  const client = new Client(await child.ask<string>('url'))
  await way.first(client, 'user1')
  const wall = performance.now() - begun
  const cpu = await child.ask<number>('cpu') / 1000
  await child.stop()
  return { wall, cpu }
}
