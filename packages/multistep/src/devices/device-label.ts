const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'], [/\bOPR\//, 'Opera'], [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'], [/(Chrome|CriOS)\//, 'Chrome'], [/\bSafari\//, 'Safari'],
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, 'Android'], [/\biPhone\b/, 'iPhone'], [/\biPad\b/, 'iPad'], [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'], [/\bCrOS\b/, 'ChromeOS'], [/\bLinux\b/, 'Linux'],
]

/**
 * What a device looks like, in names that no language changes. A client that is no browser has its own name.
 * `undefined`: the client does not say.
 */
export function labelOf(userAgent: string | undefined): string | undefined {
  if (userAgent === undefined) return undefined
  const named = (names: typeof browsers) => names.find(([pattern]) => pattern.test(userAgent))?.[1]
  const known = [named(browsers), named(systems)].filter((name) => name !== undefined)
  return known.length > 0 ? known.join(', ') : /^[\w-]{1,40}/.exec(userAgent)?.[0]
}
