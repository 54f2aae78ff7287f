/** @jest-config-loader esbuild-register */
import type { Config } from 'jest'
import config from './jest.config.ts'

// For the support of tests against a cluster, in workers, too.
process.env.TEST_WITHOUT_CLUSTERS = 'true'

/** What takes long is left out: browsers, clusters, processes of the app, and attacks on whole apps. Nothing needs to be built. */
const quick: Config = {
  ...config,
  testPathIgnorePatterns: ['/node_modules/', '\\bbrowser\\.test', '/redis-cluster\\.test', '/examples/test/', '/test/attacks/', '/test/interop/'],
}

export default quick
