export { consoleSender } from './console.js'
export type { SmsMessage, SmsSender } from './sender.js'
