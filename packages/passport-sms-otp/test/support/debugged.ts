import { SmsOtp } from '../../src/index.js'
import { inboxSender } from '../../src/senders/inbox.js'
import { ADA, codeIn, SECRET, wrong } from './kit.js'

/** Run by itself, with and without NODE_DEBUG: prints the code that was texted. */
async function main(): Promise<void> {
  const inbox = inboxSender()
  const otp = new SmsOtp({ sender: inbox, secret: SECRET })
  const sent = await otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.1' })
  const challenge = sent.status === 'sent' ? sent.challenge : ''
  const code = codeIn(inbox)
  await otp.verify({ challenge, code: wrong(code), purpose: 'login' })
  await otp.verify({ challenge, code, purpose: 'transfer' })
  await otp.verify({ challenge: 'none', code, purpose: 'login' })
  process.stdout.write(`${code}\n`)
}

void main()
