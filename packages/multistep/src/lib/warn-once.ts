const warnedAbout = new Set<string>()

/** Emits each warning once in this process. */
export function warnOnce(warnings: readonly string[]): void {
  for (const warning of warnings.filter((one) => !warnedAbout.has(one))) {
    warnedAbout.add(warning)
    process.emitWarning(`multistep: ${warning}`, { code: 'MULTISTEP_POLICY' })
  }
}
