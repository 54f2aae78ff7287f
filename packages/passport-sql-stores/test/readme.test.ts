import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Documents } from 'passport-sql-stores'
import { mysql } from 'passport-sql-stores/mysql'
import { postgres } from 'passport-sql-stores/postgres'
import { documentsContract } from 'passport-sql-stores/testing'
import { transactionStoreContract } from 'passport-mobileconnect/testing'
import { DocumentTransactionStore } from 'passport-mobileconnect/documents'

const page = readFileSync(join(__dirname, '../README.md'), 'utf8')

/** The fenced block that follows a marker. */
const block = (marker: string): string => new RegExp(`<!-- ${marker} -->\n\`\`\`\\w*\n([\\s\\S]*?)\`\`\``).exec(page)![1]!

describe('the adapter of the README', () => {
  const folder = mkdtempSync(join(__dirname, 'adapter-'))
  const file = join(folder, 'adapter.ts')
  writeFileSync(file, block('adapter'))
  let versionedDocuments: (now: () => number) => Documents
  beforeAll(async () => { ({ versionedDocuments } = await import(file) as { versionedDocuments: typeof versionedDocuments }) })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('the adapter in the README is about thirty lines', () => {
    const body = /export function versionedDocuments[\s\S]*?^}$/m.exec(block('adapter'))![0]
    expect(body.split('\n').length).toBeLessThanOrEqual(33)
  })

  documentsContract({ describe, it, expect, createDocuments: ({ now }) => ({ documents: versionedDocuments(now) }) })
  transactionStoreContract({
    describe, it, expect, createStore: ({ now }) => new DocumentTransactionStore({ documents: versionedDocuments(now) }),
  })
})

describe('the SQL of the README', () => {
  it('the SQL in the README is what migrate() runs', () => {
    const pool = {} as any
    expect(block('migration postgres')).toBe(postgres({ pool: { ...pool, connect: () => undefined } }).migrationSql)
    expect(block('migration mysql')).toBe(mysql({ pool: { ...pool, getConnection: () => undefined } }).migrationSql)
  })
})
