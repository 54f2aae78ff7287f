import { checkFunctions, checkOptionNames } from '#internal/option-checks'
import type { SmsSender } from './sender.js'

/**
 * Prints each text on the terminal. For development only.
 * @throws Error under `NODE_ENV=production`, where codes must not end in a log.
 */
export function consoleSender(options: { write?: (line: string) => void } = {}): SmsSender {
  checkOptionNames('consoleSender', options, ['write'])
  checkFunctions(options, ['write'])
  const { write = console.log } = options
  if (process.env.NODE_ENV === 'production') {
    throw new Error('consoleSender prints codes: under NODE_ENV=production use a sender that texts them.')
  }
  return {
    name: 'console',
    development: true,
    async send({ to, body }) {
      write(`SMS to ${to}\n${body.replace(/^/gm, '  ')}`)
      return {}
    },
  }
}
