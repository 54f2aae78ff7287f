import { code } from './client-script.js'
import { style } from './style.js'
import { theme } from './theme.js'

export type AssetName = 'style.css' | 'theme.css' | 'code.js'

interface Asset { readonly type: string, readonly body: string }

/** What the pages load from `${loginPath}/assets/`, by file name. */
export const assetsFor = ({ accent }: { readonly accent?: string } = {}): Readonly<Record<AssetName, Asset>> => ({
  'style.css': { type: 'text/css; charset=utf-8', body: style },
  'theme.css': { type: 'text/css; charset=utf-8', body: accent === undefined ? '' : theme(accent) },
  'code.js': { type: 'text/javascript; charset=utf-8', body: code },
})
