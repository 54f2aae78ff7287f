import { messageIn } from '#internal/verify-message'

describe('The message of a verify callback\'s refusal', () => {
  it('the message of a verify callback\'s refusal is the text that it gives, and nothing beside it', () => {
    expect(messageIn({ message: 'This account is locked.', id: 'u1' })).toEqual({ message: 'This account is locked.' })
  })

  it.each([[undefined], [{}], [{ message: 5 }], [{ message: { html: '<b>' } }]])('a verify callback\'s refusal has no message in %j', (info) => {
    expect(messageIn(info)).toEqual({})
  })
})
