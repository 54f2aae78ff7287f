export {
  MemoryPasskeyStore, PasskeyStrategy, type Passkey, type PasskeyOptions, type PasskeyStore, type WebAuthn,
} from './enrolment/passkey-strategy.js'
