import { warnOncePerCode } from '#internal/warn-once-per-code'

/** Says once to the app what the person cannot know: their account has a number, and the page says that it has none. */
export function warnOfUnread(): void {
  warnOncePerCode('SMS_OTP_NUMBER_UNREAD', 'passport-sms-otp cannot read the number that stands in an account, so its user is not texted: '
    + 'keep numbers with their country code, such as +447400123456, or set defaultCountry.')
}
