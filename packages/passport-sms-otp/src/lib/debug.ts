import { debuglog } from 'node:util'

/** Prints under `NODE_DEBUG=passport-sms-otp`, and costs nothing without. Never give it a code or a whole number. */
export const debug = debuglog('passport-sms-otp')
