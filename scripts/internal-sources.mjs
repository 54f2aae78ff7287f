import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** For bundles of sources: `#internal/html` is packages/internal/src/html.ts. */
export const internalSources = {
  name: 'internal sources',
  setup({ onResolve }) {
    onResolve({ filter: /^#internal\// }, ({ path }) => ({
      path: join(root, 'packages/internal/src', `${path.slice('#internal/'.length)}.ts`),
    }))
  },
}
