/** A running app, as an attacker from outside sees it. */
export interface Site {
  readonly url: string
  readonly close: () => Promise<void>
}

/** One attack on any app of one kind. */
export interface Attack<T extends Site> {
  /** The requirement or the case of the threat model that it tries. */
  readonly id: string
  readonly hole: string
  /** Whether it could do what it tried. */
  readonly succeeds: (target: T) => Promise<boolean>
}

/** Tries every attack on a target of its own, and says which succeeded. */
export async function findHoles<T extends Site>(open: () => Promise<T>, tried: readonly Attack<T>[]): Promise<string[]> {
  const holes: string[] = []
  for (const { id, hole, succeeds } of tried) {
    const target = await open()
    try {
      if (await succeeds(target)) holes.push(`${id}: ${hole}`)
    } finally {
      await target.close()
    }
  }
  return holes
}

/** What a page of another site has the browser of its visitor say, when it sends the window somewhere. */
export const crossSiteNavigation = {
  accept: 'text/html', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', referer: 'https://evil.example/',
}
