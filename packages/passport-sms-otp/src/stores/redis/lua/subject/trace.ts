import { clock, whole } from '../clock.js'

/** Keys: trace. Arguments: now. Answers with the time, and with the trace as it is kept. */
export const trace = `${clock}
return { ${whole('now')}, call('GET', KEYS[1]) or '' }
`
