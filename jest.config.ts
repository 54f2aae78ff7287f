/** @jest-config-loader esbuild-register */
import { availableParallelism } from 'node:os'
import type { Config } from 'jest'

// Published as ES modules only, while tests run as CommonJS.
const esmOnly = '@apidevtools/json-schema-ref-parser|@nestjs/[^/]+|cookie|openid-client|oauth4webapi|jose|oidc-provider|oidc-token-hash|nanoid|quick-lru|eta'

const config: Config = {
  testMatch: ['<rootDir>/{packages/*,examples,bench}/test/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly})/)`],
  transform: { [`(\\.ts|/scripts/layers\\.js|/node_modules/(${esmOnly})/.+\\.js)$`]: ['@swc/jest', { jsc: { parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: true }, target: 'es2023' }, sourceMaps: 'inline' }] },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^#internal/(.*)$': '<rootDir>/packages/internal/src/$1',
    '^passport-sms-otp/(.*)$': '<rootDir>/packages/passport-sms-otp/src/$1',
    '^passport-sms-otp$': '<rootDir>/packages/passport-sms-otp/src',
    '^passport-mobileconnect/(.*)$': '<rootDir>/packages/passport-mobileconnect/src/$1',
    '^passport-mobileconnect$': '<rootDir>/packages/passport-mobileconnect/src',
    '^passport-number-verification/(.*)$': '<rootDir>/packages/passport-number-verification/src/$1',
    '^passport-number-verification$': '<rootDir>/packages/passport-number-verification/src',
    '^passport-sql-stores/(.*)$': '<rootDir>/packages/passport-sql-stores/src/$1',
    '^passport-sql-stores$': '<rootDir>/packages/passport-sql-stores/src',
    '^mobileconnect-simulator$': '<rootDir>/packages/mobileconnect-simulator/src',
    '^multistep/(.*)$': '<rootDir>/packages/multistep/src/$1',
    '^multistep$': '<rootDir>/packages/multistep/src',
  },
  modulePathIgnorePatterns: ['<rootDir>/(packages/[^/]+|examples|bench)/dist'],
  setupFiles: ['<rootDir>/test/support/cheap-crypto.ts', '<rootDir>/test/support/patient-servers.ts', '<rootDir>/test/support/ended-storages.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testSequencer: '<rootDir>/test/support/dearest-first.mjs',
  collectCoverageFrom: ['packages/*/src/**/*.ts'],
  coverageThreshold: { global: { branches: 95 } },
  // Jest would use one of two cores.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  // Each test file leaves some 25 MB behind in its worker.
  workerIdleMemoryLimit: '1GB',
  // A hang is all that this finds: a machine may be ten times as busy as usual.
  testTimeout: 300_000,
}

export default config
