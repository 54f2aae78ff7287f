/** A value that a client sent: only an object's own property counts, so that no field name reaches a prototype. */
export const ownField = (values: unknown, name: string): unknown =>
  typeof values === 'object' && values !== null && !Array.isArray(values) && Object.hasOwn(values, name)
    ? (values as Readonly<Record<string, unknown>>)[name]
    : undefined
