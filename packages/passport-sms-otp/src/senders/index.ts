export { byChannel } from './by-channel.js'
export { consoleSender } from './console.js'
export { failover, type FailoverOptions, type SenderRefusal } from './failover.js'
export { httpSender } from './http/http-sender.js'
export type { HttpSenderOptions } from './http/http-options.js'
export {
  reportWebhook, type ReportWebhookOptions, type ReportWebhookRequest, type WebhookReport,
} from './report-webhook.js'
export type { SmsChannel } from '../lib/channels.js'
export type { SmsMessage, SmsReceipt, SmsSender } from './sender.js'
export { twilioSender } from './twilio/twilio-sender.js'
export type { TwilioRcs, TwilioSenderOptions, TwilioVoice, TwilioWhatsApp } from './twilio/twilio-options.js'
export type { TwilioClient, TwilioCredentials } from './twilio/twilio-client.js'
export { twilioCode, type TwilioCode, type TwilioKind } from './twilio/twilio-codes.js'
export {
  twilioStatusCallback, type TwilioStatusCallbackOptions, type TwilioStatusReport, type TwilioStatusRequest,
} from './twilio/twilio-status.js'
export {
  twilioVerifySender, type TwilioVerifySenderClient, type TwilioVerifySenderOptions,
} from './twilio/twilio-verify-sender.js'
