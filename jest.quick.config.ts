/** @jest-config-loader esbuild-register */
import type { Config } from 'jest'
import config from './jest.config.ts'

// For the support of tests against a cluster, in workers, too.
process.env.TEST_WITHOUT_CLUSTERS = 'true'

/** What takes long is left out. Nothing needs to be built. */
const quick: Config = {
  ...config,
  testPathIgnorePatterns: [
    '/node_modules/',
    // Browsers, clusters, whole apps and their processes, published strategies.
    '\\bbrowser\\.test', '/redis-cluster\\.test', '/examples/test/', '/interop/',
    // Hundreds of requests at once, random policies and random calls.
    '/(abuse|attacks)/', '/(lockout|operator|one-engine|properties|policy/memo)\\.test',
    '/(stores-agree|transaction-stores-agree|contention|senders-in-trouble|typed-codes)\\.test',
    // Waits for what another request may bring, in real seconds.
    '/(begun-again|totp)\\.test',
    // A whole release, of what was built.
    '/publishing\\.test',
    // The contract of stores on database servers, the type check of all that the documentation shows, its site, and what
    // is said of each published name.
    '/passport-sql-stores/test/stores\\.test', '/(readme-snippets|docs-site|docstrings)\\.test',
  ],
}

export default quick
