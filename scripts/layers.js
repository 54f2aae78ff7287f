// The architecture as an import rule. Each package's files by layer, top to bottom: a file may import from its own
// layer and from those below, never from above, and no package's src imports another package of this repository. A file
// that is not named here breaks the test `test/layers.test.ts`: say where it belongs.
export const layers = {
  internal: [
    { layer: 'documents', files: ['documents/*'] },
    { layer: 'ground', files: ['*'] },
  ],
  'passport-sms-otp': [
    { layer: 'contents', files: ['index', 'cli', 'testing', 'smpp', 'documents'] },
    { layer: 'command', files: ['send-test'] },
    { layer: 'strategy', files: ['strategy/*'] },
    { layer: 'service', files: ['service/*'] },
    { layer: 'settings', files: ['settings/*'] },
    { layer: 'senders', files: [
      'senders/index', 'senders/console', 'senders/inbox', 'senders/http-request', 'senders/templates', 'senders/redact', 'senders/provider-error',
      'senders/failover', 'senders/breaker', 'senders/http/*', 'senders/twilio/*', 'senders/smpp/*',
    ] },
    { layer: 'limits', files: ['limits/*'] },
    { layer: 'codes', files: ['codes/*'] },
    { layer: 'texts', files: ['texts/*', 'texts/locales/*'] },
    { layer: 'numbers', files: ['numbers/*'] },
    { layer: 'stores', files: [
      'stores/contract/*', 'stores/memory/*', 'stores/documents/*', 'stores/redis/*', 'stores/redis/lua/*', 'stores/redis/lua/subject/*',
      'stores/redis/lua/budgets/*',
    ] },
    { layer: 'rules', files: ['stores/rules/*'] },
    { layer: 'ports', files: ['stores/challenge-store', 'stores/store-request', 'senders/sender'] },
    { layer: 'lib', files: ['lib/*'] },
  ],
  multistep: [
    { layer: 'contents', files: ['index', 'testing', 'pages', 'recovery-codes'] },
    { layer: 'assembly', files: ['multistep', 'login-as'] },
    { layer: 'face', files: [
      'routes/*', 'api/*', 'pages/*', 'pages/views/*', 'pages/assets/*', 'login/*', 'step-up/bound-values', 'step-up/step-up', 'step-up/position',
      'devices/*', 'recovery/recovery-code-strategy', 'session/*', 'passport/*', 'responses/*', 'http/csrf', 'settings/context',
    ] },
    { layer: 'core', files: [
      'settings/options', 'settings/page-options', 'settings/remember-options', 'policy/*', 'step-up/readable-values', 'recovery/proof-for-new-codes',
      'recovery/recovery-code', 'events', 'locales/*', 'state/*',
    ] },
    { layer: 'adapters', files: [
      'stores/bounded-store', 'stores/keys', 'stores/memory/*', 'stores/redis/*', 'stores/redis/lua/*', 'stores/contract/*',
    ] },
    { layer: 'ports', files: ['stores/flow-store', 'stores/ledger-store', 'stores/step-up-store', 'stores/tombstone-store', 'stores/device-store', 'recovery/recovery-code-store'] },
    { layer: 'domain', files: ['factors/*'] },
    { layer: 'ground', files: ['lib/*', 'http/query', 'http/wish', 'http/request', 'http/route-of', 'http/navigation', 'http/mounted-routes'] },
  ],
  'passport-mobileconnect': [
    { layer: 'contents', files: ['index', 'documents'] },
    { layer: 'face', files: ['strategy/*'] },
    { layer: 'core', files: ['protocol/*'] },
    { layer: 'discovery', files: ['discovery/*'] },
    { layer: 'adapters', files: [
      'operators/operators', 'operators/operator', 'operators/read-operator', 'operators/client-auth', 'operators/signing-key', 'operators/refreshed-value', 'operators/shared-fetch',
      'transactions/memory-transaction-store', 'transactions/redis-transaction-store', 'transactions/lua', 'transactions/store-numbers',
      'transactions/document-transaction-store', 'transactions/decide-transaction', 'transactions/decide-count', 'transactions/contract/*', 'testing',
    ] },
    { layer: 'ports', files: ['operators/operator-options', 'operators/discovery', 'transactions/transaction-store'] },
    { layer: 'ground', files: ['errors', 'recent-map', 'time-units', 'operators/allowed-url', 'operators/bounded-fetch', 'operators/upstream-error'] },
  ],
  'mobileconnect-simulator': [
    { layer: 'contents', files: ['index', 'cli', 'on-demand'] },
    { layer: 'assembly', files: ['command-line', 'simulator'] },
    { layer: 'discovery', files: ['discovery/*'] },
    { layer: 'operators', files: ['operator/*'] },
    { layer: 'handsets', files: ['handsets/handsets', 'handsets/handset', 'handsets/routes'] },
    { layer: 'pages', files: ['pages/*'] },
    { layer: 'ground', files: ['configuration', 'errors', 'clock', 'bounded-map', 'form-fields', 'identifiers', 'msisdn', 'handsets/prompt'] },
  ],
}

const names = Object.keys(layers)
const pattern = (file) => file.replace('*', '[^/]+')
const folderOf = (file) => (file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '')

/**
 * How a file of one folder may write the path to `target`: from its own folder if that holds it, else from a folder
 * above.
 */
const pathTo = (target, folder) => (target.startsWith(`${folder}/`) || folder === ''
  ? `\\./${pattern(target.slice(folder.length).replace(/^\//, ''))}`
  : `(\\./|(\\.\\./)+)${pattern(target)}`)

const layerRule = (name, stack, index, file) => {
  const above = stack.slice(0, index).flatMap((entry) => entry.files)
  const others = names.filter((other) => other !== name)
  return {
    files: [`packages/${name}/src/${file}.ts`],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [
          { regex: `^(${others.join('|')})(/|$)`, message: 'Packages meet only through Passport\'s contract: they do not import each other.' },
          { regex: '(^|/)(test|examples|bench)/', message: 'src imports neither tests nor examples.' },
          ...above.length === 0 ? [] : [{
            regex: `^(${above.map((target) => pathTo(target, folderOf(file))).join('|')})\\.js$`,
            message: `This file belongs to the layer "${stack[index].layer}", and an import never points up (scripts/layers.js).`,
          }],
        ],
      }],
    },
  }
}

export const layerRules = Object.entries(layers).flatMap(([name, stack]) =>
  stack.flatMap(({ files }, index) => files.map((file) => layerRule(name, stack, index, file))))
