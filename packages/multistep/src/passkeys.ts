export { MemoryPasskeyStore, type Passkey, type PasskeyStore } from './enrolment/passkey-store.js'
export { PasskeyStrategy, type PasskeyOptions, type WebAuthn } from './enrolment/passkey-strategy.js'
