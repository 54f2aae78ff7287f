import { checkOneOf, checkOptionNames, requireText } from '#internal/option-checks'
import {
  accessToken, callApi, camaraClientOptionNames, operatorError, readCamaraClient, type CamaraClient,
  type CamaraClientOptions,
} from '../camara/camara-client.js'
import type { SwapKind, SwapProvider, SwapQuestion } from './swap-provider.js'

/** The options of `camaraSwaps`. */
export interface CamaraSwapsOptions extends CamaraClientOptions {
  /**
   * `'client-credentials'`: the number stands in the question. `'jwt-bearer'` (RFC 7523): it stands in the access
   * token, which takes a `clientKey`.
   * @default 'client-credentials'
   */
  readonly grant?: 'client-credentials' | 'jwt-bearer' | undefined
  /**
   * Versions in the paths.
   * @default { sim: 'v2', device: 'v1' }
   */
  readonly apiVersions?: Readonly<Partial<Record<SwapKind, string>>> | undefined
}

interface SwapClient extends CamaraClient {
  readonly grant: 'client-credentials' | 'jwt-bearer'
  readonly versions: Readonly<Record<SwapKind, string>>
}

/**
 * SIM Swap 2.1.0 and Device Swap 1.0.0 of CAMARA. Each question has an access token of its own, which is never kept.
 * An answer that is no 200 is an error. Its `code` is a code of CAMARA, such as `IDENTIFIER_NOT_FOUND`, a code of
 * OAuth, or `http_503`.
 * @throws TypeError for options that are missing or misspelt.
 * @example
 * camaraSwaps({
 *   apiRoot: 'https://api.operator.example', tokenUrl: 'https://api.operator.example/oauth2/token',
 *   clientId: 'acme', clientKey: process.env.CAMARA_KEY,
 * })
 */
export function camaraSwaps(options: CamaraSwapsOptions): SwapProvider {
  const client = readClient(options)
  return {
    name: requireText('name', options.name ?? 'camara'),
    kinds: ['sim', 'device'],
    swapped: async (question, { signal }) => askOperator(client, question, signal),
  }
}

function readClient(options: CamaraSwapsOptions): SwapClient {
  checkOptionNames('camaraSwaps', options, [...camaraClientOptionNames, 'grant', 'apiVersions'])
  const { grant = 'client-credentials', apiVersions = {} } = options
  checkOneOf('grant', grant, ['client-credentials', 'jwt-bearer'])
  checkOptionNames('apiVersions', apiVersions, ['sim', 'device'])
  const client = readCamaraClient('camaraSwaps', options)
  if (grant === 'jwt-bearer' && options.clientKey === undefined) throw new TypeError('grant \'jwt-bearer\' signs what it asks with: give clientKey.')
  return { ...client, grant, versions: { sim: 'v2', device: 'v1', ...apiVersions } }
}

async function askOperator(client: SwapClient, question: SwapQuestion, signal: AbortSignal): Promise<boolean> {
  const { grant, versions } = client
  const { kind, phone, maxAge } = question
  const isNamed = grant === 'jwt-bearer'
  const token = await accessToken(client, { scope: `${kind}-swap:check`, phone: isNamed ? phone : undefined, signal })
  // A token that names the number goes with no number, and one that does not, with it (422 otherwise).
  const body = { ...isNamed ? {} : { phoneNumber: phone }, maxAge }
  const { status, members } = await callApi(client, { path: `/${kind}-swap/${versions[kind]}/check`, body, token, signal })
  const { swapped, code } = members
  if (status === 200 && typeof swapped === 'boolean') return swapped
  throw operatorError(status, code)
}
