export type {
  CodeGuess, CodeProvider, CodeStart, CodeStarted, CodeVerdict, ProviderCode,
} from './provider.js'
export { twilioVerify, type TwilioVerifyClient, type TwilioVerifyOptions } from './twilio-verify.js'
export { camaraOtp, type CamaraOtpOptions } from './camara-otp.js'
export { vonageVerify, type VonageLogin, type VonageVerifyOptions } from './vonage-verify.js'
