let warnedOfMemory = false

/** Once for each process. */
export function warnInProduction(): void {
  if (warnedOfMemory || process.env.NODE_ENV !== 'production') return
  warnedOfMemory = true
  process.emitWarning('MemoryChallengeStore keeps limits in this process only: use RedisChallengeStore in production.', { code: 'SMS_OTP_MEMORY_STORE' })
}
