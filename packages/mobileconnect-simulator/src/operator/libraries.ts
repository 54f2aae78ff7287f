// Loaded when a simulator starts. An app that imports this package only for its types does not load it.
import type * as OidcProvider from 'oidc-provider'

let loaded: Promise<typeof OidcProvider> | undefined

/** oidc-provider, without its advice to run on a later Node. It is an ES module, and this works from CommonJS too. */
export const oidcProvider = (): Promise<typeof OidcProvider> => loaded ??= withoutAdvice(() => import('oidc-provider'))

async function withoutAdvice<Result>(work: () => Promise<Result>): Promise<Result> {
  const { warn } = console
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('Unsupported runtime')) warn(...words)
  }
  try {
    return await work()
  } finally {
    console.warn = warn
  }
}
