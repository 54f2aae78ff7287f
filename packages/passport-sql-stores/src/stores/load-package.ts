import { createRequire } from 'node:module'
import type { Documents } from '#internal/documents/documents'

// The CommonJS edition knows its file by another name.
const load = createRequire(typeof __filename === 'string' ? __filename : import.meta.url)

/** A store of another package, over documents. */
type StoreClass<Store> = new (options: { readonly documents: Documents }) => Store

/**
 * Loads the package whose store was asked for, and no other: an app brings those that it uses.
 * @throws TypeError with the line to write, where it is not installed.
 */
export function loadStore<Store>(name: string, exported: string, method: string): StoreClass<Store> {
  const missing = new TypeError(`${method}() needs ${name} with its ${exported}: npm install ${name}`)
  const loaded = loadPackage(`${name}/documents`)
  if (typeof loaded?.[exported] !== 'function') throw missing
  return loaded[exported] as StoreClass<Store>
}

function loadPackage(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return load(path) as Readonly<Record<string, unknown>>
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined
    throw error
  }
}
