import type { Expiring } from './documents.js'

/**
 * How documents of a kind are written as text: as the JSON of what `pack` makes of a record, and `unpack` reads.
 * `expiresAt` is kept beside it.
 */
export interface TextForm {
  readonly pack: (record: Expiring) => object
  readonly unpack: (packed: object) => object
}

/** The record as it is. */
export const plainText: TextForm = { pack: (record) => record, unpack: (packed) => packed }

/**
 * The documents of a kind that were written last. What is at work is read and written again soon, and stays an object.
 * What is left unfinished gets older, and turns into text, which takes half of the room.
 */
export class LatestObjects {
  private readonly form: TextForm
  private readonly most: number
  /** A ring. */
  private readonly documents: AgingDocument[] = []
  private next = 0

  /** @param most so many stay objects, 1 at the least. */
  constructor(form: TextForm, most: number) {
    this.form = form
    this.most = most
  }

  add(record: Expiring): AgingDocument {
    const added = new AgingDocument(record, this.form)
    this.documents[this.next]?.turnIntoText()
    this.documents[this.next] = added
    this.next = (this.next + 1) % this.most
    return added
  }
}

/** A record, or its text. */
export class AgingDocument implements Expiring {
  readonly expiresAt: number
  private readonly form: TextForm
  private content: Expiring | string | undefined

  constructor(record: Expiring, form: TextForm) {
    this.expiresAt = record.expiresAt
    this.form = form
    this.content = record
  }

  read(): Expiring | undefined {
    if (typeof this.content !== 'string') return this.content
    return { ...this.form.unpack(JSON.parse(this.content) as object), expiresAt: this.expiresAt }
  }

  turnIntoText(): void {
    if (typeof this.content !== 'object') return
    const packed = this.form.pack(this.content)
    this.content = narrow(JSON.stringify({ ...packed, expiresAt: undefined }))
  }

  /** It lies in no map any more: nothing is made of it. */
  forget(): void {
    this.content = undefined
  }
}

/**
 * The text in one byte a character. One wide character makes a text twice as large, and a masked phone number has some:
 * so they are escaped, and what was wide is written anew.
 */
function narrow(json: string): string {
  const escaped = json.replace(/[\u0100-\uffff]/g, (wide) => `\\u${wide.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return Buffer.from(escaped, 'latin1').toString('latin1')
}
