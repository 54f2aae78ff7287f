import { code } from './code.js'
import { style } from './style.js'

/** By file name: what the pages load from `${loginPath}/assets/`. */
export const assets: Readonly<Record<string, { readonly type: string, readonly body: string }>> = {
  'style.css': { type: 'text/css; charset=utf-8', body: style },
  'code.js': { type: 'text/javascript; charset=utf-8', body: code },
}
