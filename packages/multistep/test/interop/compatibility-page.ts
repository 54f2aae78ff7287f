import type { Tried } from './strategies/tried.js'

/** What was found of one strategy; a role that cannot be is the reason in a sentence. */
export interface Row {
  readonly tried: Tried
  readonly version: string
  readonly first: string
  readonly second: string
}

export interface Ground {
  readonly express: readonly string[]
  readonly passport: readonly string[]
}

/** The text of docs/compatibility.md. */
export const compatibilityPage = (rows: readonly Row[], ground: Ground): string => `# Compatibility

Published strategies, each **unmodified**, as the first and as the second factor of a login. A test runs every row and writes this page.

- Tried with Express ${ground.express.join(' and ')}, and Passport ${ground.passport.join(' and ')}.
- "yes" as first factor: it takes the step, nobody is logged in by it alone, and the next factor completes the login.
- "yes" as second factor: the same person completes the login, and another person is refused.
- In both places a wrong value is refused, and so is an answer of another site that another person began (login CSRF).
- "page" is a browser without JavaScript; "program" speaks JSON.
- Providers ran on this machine: an OpenID provider (\`oidc-provider\`), an identity provider of SAML, a directory (LDAP), and stand-ins for the social ones.

| strategy | version | as first factor | as second factor | to declare in \`factors\` | remark |
|---|---|---|---|---|---|
${rows.map(lineOf).join('\n')}

A strategy that is not here works by the same rules: see [Factors](../packages/multistep/README.md#factors) and [for authors of strategies](../packages/multistep/README.md#for-authors-of-strategies).
NestJS has a recipe: [an app of NestJS](recipes.md#an-app-of-nestjs).
`

const lineOf = ({ tried, version, first, second }: Row): string =>
  `| ${[`\`${tried.package}\``, version, first, second, `\`${tried.factor}: ${written(tried.declared)}\``, tried.remark].map(cell).join(' | ')} |`

/** A pipe would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|')

/** Options as a programmer writes them; what a function does is up to the app. */
function written(value: unknown): string {
  if (typeof value === 'function') return `(${value.toString().startsWith('(user') ? 'user' : 'req'}) => …`
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (typeof value === 'string') return `'${value}'`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value)
  return entries.length === 0 ? '{}' : `{ ${entries.map(([name, one]) => `${name}: ${written(one)}`).join(', ')} }`
}
