import { channel, type Channel } from 'node:diagnostics_channel'
import { debuglog } from 'node:util'

/** Tells what one request came to. Without a listener, `make` is not called. */
export type Diagnose<Name extends string, Diagnosis> = (name: Name, make: () => Diagnosis) => void

/**
 * Publishes on the channels `<package>:<name>` of `node:diagnostics_channel`, and prints with `NODE_DEBUG=<package>`.
 */
export function diagnoseAs<Name extends string, Diagnosis>(
  packageName: string,
  names: readonly Name[],
): Diagnose<Name, Diagnosis> {
  const channels = new Map<Name, Channel>(names.map((name) => [name, channel(`${packageName}:${name}`)]))
  const debug = debuglog(packageName)
  return (name, make) => {
    const to = channels.get(name)
    if (to?.hasSubscribers !== true && !debug.enabled) return
    const diagnosis = make()
    to?.publish(diagnosis)
    debug('%s %j', name, diagnosis)
  }
}
