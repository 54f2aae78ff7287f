import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** The fenced block that follows a marker. */
const block = (marker: string) => new RegExp(`<!-- ${marker} -->\n\`\`\`\\w*\n([\\s\\S]*?)\`\`\``).exec(read('README.md'))?.[1]

describe('the README', () => {
  it('the README gives one command that runs the example and one that runs the tests, each with its own set-up', () => {
    expect(block('run command')).toBe('npm ci && npm start\n')
    expect(block('test command')).toBe('npm ci && npm test\n')
  })

  it('CI takes the test command from the README', () => {
    const taken = execFileSync('bash', ['-c', 'sed -n \'/<!-- test command -->/,/^```$/p\' README.md | sed \'1,2d;$d\''], { cwd: root, encoding: 'utf8' })
    expect(taken).toBe(block('test command'))
    expect(read('.ci/run')).toContain('/<!-- test command -->/')
  })

  it('the README shows the curl session that the example\'s tests run', () => {
    expect(block('curl session')).toBe(read('examples/curl-session.sh').replace(/^#!.*\n/, ''))
  })

  it('the README shows the quickstart that the example\'s tests and the smoke test run', () => {
    expect(block('quickstart')).toBe(read('examples/quickstart/app.mjs'))
  })

  it('the README installs for the quickstart what it imports, and nothing else', () => {
    const imported = [...block('quickstart')!.matchAll(/from '([^']+)'/g)].map(([, name]) => name!)
    const installed = block('quickstart install')!.trim().split(' ').slice(2)
    const packages = imported.filter((name) => !name.startsWith('node:')).map((name) => name.split('/', 1)[0]!)
    expect([...installed].sort()).toEqual([...new Set(packages)].sort())
  })

  it('the README names every small example', () => {
    const examples = readdirSync(join(root, 'examples/single'))
    expect(examples.filter((file) => !read('README.md').includes(`](examples/single/${file})`))).toEqual([])
  })

  it('the README names every page of docs/', () => {
    const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !/^(?:api|dist)\b/.test(name))
    expect(pages.length).toBeGreaterThan(3)
    expect(pages.filter((name) => !read('README.md').includes(`](docs/${name})`))).toEqual([])
  })

  it('the README says where the repository is', () => {
    const { repository } = JSON.parse(read('package.json')) as { repository: { url: string } }
    expect(read('README.md')).toContain(`git clone ${repository.url.replace(/^git\+/, '')}`)
  })

  it('every script that the README tells people to run exists', () => {
    const scripts = JSON.parse(read('package.json')).scripts
    const named = [...read('README.md').matchAll(/`npm run ([\w:]+)`/g)].map(([, name]) => name)
    expect(named.length).toBeGreaterThan(3)
    expect(named.filter((name) => !(name! in scripts))).toEqual([])
  })
})

describe('docs/concepts.md', () => {
  it('every concept has a picture, and stands in the list at the top', () => {
    const [top = '', ...concepts] = read('docs/concepts.md').split(/^## /m)
    expect(concepts.length).toBeGreaterThan(5)
    for (const concept of concepts) {
      expect(concept).toMatch(/^```text$/m)
      expect(top).toContain(`- [${concept.split('\n', 1)[0]}](#`)
    }
  })
})

describe('the tutorials', () => {
  const tutorials = readdirSync(join(root, 'docs/tutorials')).map((file) => read(`docs/tutorials/${file}`)).join('\n')

  it.each(readdirSync(join(root, 'examples/tutorials')))('the tutorial of %s installs for its app what the app imports, and nothing else', (app) => {
    const [, line = ''] = new RegExp(`<!-- tutorial ${app} install -->\n\`\`\`sh\nnpm install (.*)\n`).exec(tutorials) ?? []
    const files = readdirSync(join(root, 'examples/tutorials', app)).filter((file) => file.endsWith('.mjs'))
    const imported = files.flatMap((file) => [...read(`examples/tutorials/${app}/${file}`).matchAll(/from '([^'.][^']*)'/g)].map(([, name]) => name!))
    expect(line.split(' ')).toEqual([...new Set(imported)].filter((name) => !name.startsWith('node:')).sort())
  })
})

describe('package registries', () => {
  it('the lock file names no package registry', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": "http/)
    expect(read('.npmrc')).toContain('omit-lockfile-registry-resolved=true')
  })
})
