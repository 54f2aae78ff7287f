/** @jest-config-loader esbuild-register */
import type { Config } from 'jest'

const config: Config = {
  testMatch: ['<rootDir>/{packages/*,examples,bench}/test/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  transform: { '(\\.ts|/scripts/layers\\.js)$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, sourceMaps: 'inline' }] },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^passport-sms-otp/(.*)$': '<rootDir>/packages/passport-sms-otp/src/$1',
    '^passport-sms-otp$': '<rootDir>/packages/passport-sms-otp/src',
    '^multistep/(.*)$': '<rootDir>/packages/multistep/src/$1',
    '^multistep$': '<rootDir>/packages/multistep/src',
  },
  modulePathIgnorePatterns: ['<rootDir>/(packages/[^/]+|examples|bench)/dist'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  collectCoverageFrom: ['packages/*/src/**/*.ts'],
  coverageThreshold: { global: { branches: 95 } },
  testTimeout: 30_000,
}

export default config
