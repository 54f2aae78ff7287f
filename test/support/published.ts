import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'

const root = join(__dirname, '../..')

interface Manifest { readonly private?: boolean, readonly exports: Record<string, { readonly import?: { readonly default: string } }> }

const manifestOf = (name: string) => JSON.parse(readFileSync(join(root, `packages/${name}/package.json`), 'utf8')) as Manifest

/** The names of the packages that are published. */
export const publishedPackages = readdirSync(join(root, 'packages')).filter((name) => manifestOf(name).private !== true)

/** Every entry point of a package, as it is imported, and the file of `src` that it is built of. */
const entriesOf = (name: string) => Object.entries(manifestOf(name).exports)
  .flatMap(([entry, { import: built }]) => (built ? [{ path: join(name, entry), built: built.default }] : []))
  .map(({ path, built }) => ({ path, file: join(root, 'packages', name, 'src', built.replace('./dist/esm/', '').replace(/\.js$/, '.ts')) }))

/** What one entry point exports, such as `multistep/pages`. */
export interface Entry { readonly from: string, readonly path: string, readonly names: readonly string[] }

/** A symbol of ours that is published, or a member of one, with its doc comment. */
export interface Published {
  readonly name: string
  /** The package that publishes it. */
  readonly from: string
  /** Where it is declared, below the root. */
  readonly file: string
  readonly symbol: ts.Symbol
  readonly words: string
  /** The tags of the doc comment, in their order, each with its text. */
  readonly tags: readonly (readonly [name: string, text: string])[]
}

/** What the packages publish, read by the compiler from their sources. */
export class PublishedTypes {
  readonly checker: ts.TypeChecker
  readonly program: ts.Program
  readonly symbols: readonly Published[]
  readonly entries: readonly Entry[]

  constructor() {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
    this.program = ts.createProgram(publishedPackages.flatMap(entriesOf).map(({ file }) => file), { ...options, noEmit: true })
    this.checker = this.program.getTypeChecker()
    this.symbols = publishedPackages.flatMap((name) => this.symbolsOf(name))
    this.entries = publishedPackages.flatMap((from) =>
      entriesOf(from).map(({ path, file }) => ({ from, path, names: this.exportsOf(file).map(({ name }) => name) })))
  }

  /** The members of a type that are declared in our sources, those that it inherits included. */
  membersOf({ name, from, symbol }: Published): readonly Published[] {
    return this.checker.getDeclaredTypeOfSymbol(symbol).getProperties()
      .map((member) => this.described(`${name}.${member.name}`, from, member))
      .filter(isOurs)
  }

  private symbolsOf(from: string): readonly Published[] {
    const exported = entriesOf(from).flatMap(({ file }) => this.exportsOf(file))
    return [...new Set(exported.map((symbol) => this.real(symbol)))].map((symbol) => this.described(symbol.name, from, symbol)).filter(isOurs)
  }

  private exportsOf(file: string): readonly ts.Symbol[] {
    return this.checker.getExportsOfModule(this.checker.getSymbolAtLocation(this.program.getSourceFile(file)!)!)
  }

  private real(symbol: ts.Symbol): ts.Symbol {
    return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : this.checker.getAliasedSymbol(symbol)
  }

  private described(name: string, from: string, symbol: ts.Symbol): Published {
    const file = relative(root, symbol.declarations?.[0]?.getSourceFile().fileName ?? '/')
    const words = ts.displayPartsToString(symbol.getDocumentationComment(this.checker))
    const tags = symbol.getJsDocTags(this.checker).map((tag) => [tag.name, ts.displayPartsToString(tag.text)] as const)
    return { name, from, file, symbol, words, tags }
  }
}

const isOurs = ({ file }: Published): boolean => file.startsWith('packages/')

/** The options of a type end with these words. */
export const isOptionsType = ({ name }: Published): boolean => /Options(?:WithRequest)?$/.test(name)

/** The text of `@default`, or `undefined` where there is none. */
export const defaultOf = ({ tags }: Published): string | undefined => tags.find(([name]) => name === 'default')?.[1]
