const MOST = 10_000

/** A map that forgets its oldest entries, so that a simulator left running for weeks does not grow. */
export class BoundedMap<Value> extends Map<string, Value> {
  override set(key: string, value: Value): this {
    if (this.size >= MOST && !this.has(key)) this.delete(this.keys().next().value as string)
    return super.set(key, value)
  }
}
