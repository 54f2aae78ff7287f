import { messageIn } from '#internal/verify-message'

describe('The message of a verify callback\'s refusal', () => {
  it('is the text that it gives, and nothing beside it', () => {
    expect(messageIn({ message: 'This account is locked.', id: 'u1' })).toEqual({ message: 'This account is locked.' })
  })

  it.each([[undefined], [{}], [{ message: 5 }], [{ message: { html: '<b>' } }]])('is missing in %j', (info) => {
    expect(messageIn(info)).toEqual({})
  })
})
