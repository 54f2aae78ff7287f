export {
  MemoryTotpKeyStore, TotpSetUp, type TotpKeyStore, type TotpSetUpOptions,
} from './enrolment/totp-set-up.js'
