const told = new Set<string>()

/** As process warnings, each once. */
export function warnOnce(warnings: readonly string[]): void {
  for (const warning of warnings.filter((one) => !told.has(one))) {
    told.add(warning)
    process.emitWarning(`multistep: ${warning}`, { code: 'MULTISTEP_POLICY' })
  }
}
