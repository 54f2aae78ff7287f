export { twilioSilent, type TwilioSilentOptions, type TwilioVerifyClient } from './providers/twilio-silent.js'
