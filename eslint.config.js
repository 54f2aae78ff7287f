import eslint from '@eslint/js'
import stylistic from '@stylistic/eslint-plugin'
import tseslint from 'typescript-eslint'
import { layerRules } from './scripts/layers.js'

const narrow = [
  'packages/internal/**/*.ts', 'packages/passport-sms-otp/src/**/*.ts', 'packages/mobileconnect-simulator/src/**/*.ts', 'packages/passport-mobileconnect/src/**/*.ts',
  'packages/passport-number-verification/**/*.ts',
  'packages/multistep/src/*.ts', 'packages/multistep/src/stores/contract/**/*.ts', 'scripts/*.mjs',
  'packages/multistep/src/{api,devices,http,lib,locales,login,pages,passport,policy,recovery}/**/*.ts',
  'packages/multistep/src/{responses,routes,session,settings,state,step-up}/**/*.ts',
  'bench/**/*.ts', 'examples/single/*.{mjs,ts}', 'examples/src/{account,handset,mobile-connect,users}/**/*.ts',
]

// One tool lints and formats: `npm run lint` checks, `npm run format` mends.
export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '**/coverage/', '.nx/'] },
  eslint.configs.recommended,
  stylistic.configs.customize({ indent: 2, quotes: 'single', semi: false, braceStyle: '1tbs', arrowParens: true }),
  {
    rules: {
      '@stylistic/max-len': ['error', { code: 160, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true }],
      '@stylistic/max-statements-per-line': 'off',
      '@stylistic/multiline-ternary': 'off',
      '@stylistic/operator-linebreak': 'off',
      '@stylistic/indent-binary-ops': 'off',
      '@stylistic/quote-props': ['error', 'as-needed'],
      '@stylistic/no-extra-semi': 'off',
    },
  },
  {
    // Where all lines are narrow enough to be read beside others. Folders are added as they are cleaned.
    files: narrow,
    ignores: ['packages/passport-mobileconnect/src/transactions/**'],
    rules: {
      '@stylistic/max-len': ['error', {
        code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true,
      }],
      'no-nested-ternary': 'error',
      curly: ['error', 'multi-line'],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // Errors are matched by code, not by class: an app may hold a package twice.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Ports are asynchronous by contract, whatever an implementation needs.
      '@typescript-eslint/require-await': 'off',
      // Passport derives each request's strategy with Object.create, and #private fields would throw.
      'no-restricted-syntax': ['error', { selector: 'PropertyDefinition > PrivateIdentifier, MethodDefinition > PrivateIdentifier', message: 'Passport derives strategies with Object.create: #private members would throw.' }],
    },
  },
  {
    files: ['**/test/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', setTimeout: 'readonly', fetch: 'readonly', document: 'readonly', navigator: 'readonly', window: 'readonly', AbortController: 'readonly', location: 'readonly', EventSource: 'readonly' } } },
  ...layerRules,
)
