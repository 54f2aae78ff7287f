import { createHash } from 'node:crypto'
import { code } from './client-script.js'
import { style } from './style.js'
import { theme } from './theme.js'
import { walletScript } from './wallet-script.js'

export type AssetName = 'style.css' | 'theme.css' | 'code.js' | 'wallet.js'

interface Asset {
  readonly type: string
  readonly body: string
  /** Changes with the body. It stands in the file's address, so that no page meets a file of another version. */
  readonly version: string
}

const asset = (type: string, body: string): Asset => ({
  type: `${type}; charset=utf-8`,
  body,
  version: createHash('sha256').update(body).digest('base64url').slice(0, 8),
})

const styleAsset = asset('text/css', style)
const codeAsset = asset('text/javascript', code)
const walletAsset = asset('text/javascript', walletScript)

/** The files that the pages load from `${loginPath}/assets/`, by name. `accent` is the app's colour. */
export const assetsFor = ({ accent }: { readonly accent?: string } = {}): Readonly<Record<AssetName, Asset>> => ({
  'style.css': styleAsset,
  'theme.css': asset('text/css', accent === undefined ? '' : theme(accent)),
  'code.js': codeAsset,
  'wallet.js': walletAsset,
})

interface Place {
  /** `loginPath` without its last slash. */
  readonly base: string
  readonly branding: { readonly accent?: string }
}

/** Where a page loads one of the files from. */
export const assetAddress = ({ base, branding }: Place, name: AssetName): string =>
  `${base}/assets/${name}?v=${assetsFor(branding)[name].version}`
