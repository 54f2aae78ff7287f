export { renderPage, type View } from './page.js'
export type { PageContext } from './scene.js'
export { assets } from './assets.js'
export { contentSecurityPolicy } from './content-security-policy.js'
