import type { IncomingMessage } from 'node:http'

/**
 * The browser fetches ahead of the person: prefetch and prerender (Fetch §5.3, `Sec-Purpose`; before that `Purpose` and
 * `X-Moz`). Such a request must change nothing, for the person may never see the page.
 */
export const isSpeculative = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some(
    (name) => /prefetch|prerender|preview/i.test(String(headers[name] ?? '')),
  )
