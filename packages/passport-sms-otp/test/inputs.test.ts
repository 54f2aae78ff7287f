import { SmsOtp } from '../src/index.js'

const service = (more: object) => new SmsOtp({ sender: { name: 'nowhere', send: async () => ({}) }, secret: '0123456789abcdefghijklmnopqrstuv', appName: 'Acme', countries: ['GB'], ...more })

it('inputs() tells the digits of a code, and a number of defaultCountry as it is written there', async () => {
  expect(await service({}).inputs()).toEqual({ code: { digits: 6 }, phone: {} })
  expect(await service({ codeLength: 8, defaultCountry: 'GB' }).inputs()).toEqual({ code: { digits: 8 }, phone: { example: '07400 123456' } })
  expect(await service({ alphabet: 'alphanumeric' }).inputs()).toEqual({ code: {}, phone: {} })
})
