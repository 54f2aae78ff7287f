import { clock } from '../clock.js'

/** Keys: trace. Arguments: now. Answers with the time, and with the trace as it is kept. */
export const trace = `${clock}
return { tostring(now), call('GET', KEYS[1]) or '' }
`
