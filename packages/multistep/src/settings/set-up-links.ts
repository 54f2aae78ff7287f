import type { SetUpLink } from '../state/state.js'
import { publicLoginPath } from './addresses.js'
import type { Settings } from './settings.js'

/** Where a person who is logged in sets up one of these factors: the app's own pages, else the router's pages. */
export const setUpLinks = (settings: Settings, names: readonly string[]): readonly SetUpLink[] =>
  [...new Set(names)].flatMap((name) => {
    const { label, setUp, enrolPage } = settings.factors.get(name)
    const own = setUp && `${publicLoginPath(settings)}/${name}/set-up`
    const page = enrolPage === undefined ? own : settings.publicPath + enrolPage
    return page === undefined ? [] : [{ factor: name, label, page }]
  })
