// The architecture as an import rule. Each package's files by layer, top to bottom: a file may import from its own layer
// and from those below, never from above, and no package's src imports another package of this repository.
// A file that is not named here breaks the test `test/layers.test.ts`: say where it belongs.
export const layers = {
  'passport-sms-otp': [
    { layer: 'contents', files: ['index'] },
    { layer: 'face', files: ['strategy', 'strategy-options', 'person', 'kept-challenge', 'outcome', 'own-field', 'verify-callback'] },
    { layer: 'core', files: ['sms-otp', 'requests', 'results', 'text-order', 'sending', 'delivery', 'checking', 'context', 'options', 'option-names', 'events', 'guarded-store', 'keys', 'code', 'handle', 'phone-number', 'message', 'send-limits'] },
    { layer: 'adapters', files: ['memory-challenge-store', 'memory-ledger', 'memory-budgets', 'sweeper', 'redis-challenge-store', 'redis-script', 'store-request', 'contract/*', 'lua/*', 'senders/*', 'testing'] },
    { layer: 'ports', files: ['challenge-store', 'sender'] },
    { layer: 'ground', files: ['errors', 'duration', 'deadline'] },
  ],
  multistep: [
    { layer: 'contents', files: ['index'] },
    { layer: 'assembly', files: ['multistep'] },
    { layer: 'face', files: [
      'router', 'pages/*', 'authenticate', 'challenge', 'guard', 'session', 'ending', 'progress', 'step', 'exchange', 'reply', 'answer', 'state-of', 'transition', 'position',
      'login-session', 'run-strategy', 'passport', 'same-origin', 'route-options', 'lockout', 'context',
    ] },
    { layer: 'core', files: ['options', 'steps', 'factors', 'evidence', 'same-person', 'events', 'problem', 'state', 'return-to', 'messages'] },
    { layer: 'adapters', files: ['memory-flow-store', 'expiring-map', 'redis-flow-store', 'redis-client', 'redis-replies', 'lua/*', 'store-keys', 'contract/*', 'testing'] },
    { layer: 'ports', files: ['flow-store'] },
    { layer: 'ground', files: ['errors', 'duration', 'within', 'request'] },
  ],
}

const names = Object.keys(layers)
const pattern = (file) => file.replace('*', '[^/]+')

const layerRule = (name, stack, index) => {
  const above = stack.slice(0, index).flatMap((entry) => entry.files)
  const others = names.filter((other) => other !== name)
  return {
    files: stack[index].files.map((file) => `packages/${name}/src/${file}.ts`),
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [
          { regex: `^(${others.join('|')})(/|$)`, message: 'Packages meet only through Passport\'s contract: they do not import each other.' },
          { regex: '(^|/)(test|examples|bench)/', message: 'src imports neither tests nor examples.' },
          ...above.length === 0 ? [] : [{
            regex: `^(\\./|(\\.\\./)+)(${above.map(pattern).join('|')})\\.js$`,
            message: `This file belongs to the layer "${stack[index].layer}", and an import never points up (scripts/layers.js).`,
          }],
        ],
      }],
    },
  }
}

export const layerRules = Object.entries(layers).flatMap(([name, stack]) => stack.map((_, index) => layerRule(name, stack, index)))
