import { spawnSync } from 'node:child_process'
import { at } from '../lib/measure.js'
import { aims, type Aim } from '../lib/aims.js'
import { aimed, title } from '../lib/print.js'

const rounds = 7

const own = [
  'multistep', 'multistep/recovery-codes', 'passport-sms-otp', 'passport-sms-otp/senders', 'passport-mobileconnect',
  'mobileconnect-simulator',
]
/** What an app has anyway, to compare with. */
const entries = [...own, 'passport', 'express']

function aimOf(entry: string): Aim | undefined {
  const { multistep, 'passport-sms-otp': smsOtp, other } = aims.importMilliseconds
  if (entry === 'multistep') return multistep
  if (entry === 'passport-sms-otp') return smsOtp
  return own.includes(entry) ? other : undefined
}

const empty = 'data:text/javascript,'

/** What an import takes a new process of the processor, and what it adds to the heap. */
function measured(specifier: string): { cpu: number, kibibytes: number } {
  const script = `
    gc()
    const [heap, before] = [process.memoryUsage().heapUsed, process.cpuUsage()]
    await import(${JSON.stringify(specifier)})
    const { user, system } = process.cpuUsage(before)
    gc()
    const kibibytes = (process.memoryUsage().heapUsed - heap) / 1024
    console.log(JSON.stringify({ cpu: (user + system) / 1000, kibibytes }))`
  const flags = ['--expose-gc', '--input-type=module', '--eval', script]
  const settings = { cwd: import.meta.dirname, encoding: 'utf8', timeout: 30_000 } as const
  const { stdout, stderr, status } = spawnSync(process.execPath, flags, settings)
  if (status !== 0) throw new Error(`${specifier}: ${stderr}`)
  return JSON.parse(stdout) as ReturnType<typeof measured>
}

/** All in turns; the median of each, less the median of an empty module. */
export function benchImports(): void {
  title('Imports, less the import of an empty module', 'CPU ms', 'aim', '', 'KiB heap')
  const specifiers = [empty, ...entries]
  const found = specifiers.map((): ReturnType<typeof measured>[] => [])
  for (let round = 0; round < rounds; round += 1) {
    specifiers.forEach((specifier, place) => found[place]?.push(measured(specifier)))
  }
  const middle = (place: number, what: 'cpu' | 'kibibytes') => at(0.5, found[place]?.map((one) => one[what]) ?? [])
  entries.forEach((entry, place) => {
    const beyond = (what: 'cpu' | 'kibibytes') => middle(place + 1, what) - middle(0, what)
    aimed(entry, beyond('cpu'), beyond('cpu').toFixed(1), aimOf(entry), Math.round(beyond('kibibytes')))
  })
}
