import { warnOncePerCode } from '#internal/warn-once-per-code'

/** Once for each process. */
export function warnInProduction(): void {
  if (process.env.NODE_ENV !== 'production') return
  warnOncePerCode('SMS_OTP_MEMORY_STORE', 'MemoryChallengeStore keeps limits in this process only: use RedisChallengeStore in production.')
}
