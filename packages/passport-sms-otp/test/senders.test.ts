import { consoleSender } from '../src/senders/index.js'
import { inboxSender } from '../src/testing.js'
import { ADA } from './support/kit.js'

const message = (body = 'Hello') => ({ to: ADA, body, code: '123456' })
const options = { signal: new AbortController().signal }

describe('consoleSender', () => {
  it('consoleSender prints the text, and is for development', async () => {
    const write = jest.fn()
    const sender = consoleSender({ write })
    await sender.send(message('Line\n\n@acme.example #123456'), options)
    expect(write.mock.calls).toEqual([[`SMS to ${ADA}\n  Line\n  \n  @acme.example #123456`]])
    expect(sender.development).toBe(true)
  })
})

describe('inboxSender', () => {
  it('inboxSender keeps the texts, oldest first, and tells its listeners', async () => {
    let time = 1000
    const inbox = inboxSender({ now: () => time++ })
    const heard: unknown[] = []
    const leave = inbox.on('message', (text) => heard.push(text))
    await inbox.send(message('one'), options)
    leave()
    await inbox.send(message('two'), options)
    expect(inbox.messages).toEqual([{ to: ADA, body: 'one', at: new Date(1000) }, { to: ADA, body: 'two', at: new Date(1001) }])
    expect(heard).toEqual([inbox.messages[0]])
  })

  it('inboxSender forgets the oldest text beyond a thousand', async () => {
    const inbox = inboxSender()
    for (let count = 0; count < 1001; count += 1) await inbox.send(message(String(count)), options)
    expect(inbox.messages).toHaveLength(1000)
    expect(inbox.messages[0]!.body).toBe('1')
  })
})
