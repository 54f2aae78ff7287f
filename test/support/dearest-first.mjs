import Sequencer from '@jest/test-sequencer'

/**
 * Each of these takes ten times as long as a usual test file, because of the processes and browsers that it starts. One that begins last
 * leaves every other worker idle. Jest knows durations of earlier runs, but a fresh checkout has none, and then goes by the size of files.
 */
const dearest = [/\/examples\/test\/(?:processes|browser|single|main|tutorials)\b/, /\/docs-site\./, /\/passport-sql-stores\//, /\bbrowser\.test/, /\/abuse\//]

const rank = ({ path }) => {
  const place = dearest.findIndex((pattern) => pattern.test(path))
  return place === -1 ? dearest.length : place
}

export default class DearestFirst extends Sequencer {
  sort(tests) {
    // Sorting is stable: within a rank the order stays as Jest has it.
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other))
  }
}
