import { code } from './client-script.js'
import { style } from './style.js'

export type AssetName = 'style.css' | 'code.js'

/** By file name: what the pages load from `${loginPath}/assets/`. */
export const assets: Readonly<Record<AssetName, { readonly type: string, readonly body: string }>> = {
  'style.css': { type: 'text/css; charset=utf-8', body: style },
  'code.js': { type: 'text/javascript; charset=utf-8', body: code },
}
