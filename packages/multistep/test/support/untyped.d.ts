declare module 'pug' {
  const pug: { compileFile(file: string): (locals: object) => string }
  export default pug
}
