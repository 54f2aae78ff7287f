import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import type { ChallengeStore } from '../stores/challenge-store.js'
import type { Key, Keys } from './keys.js'
import { IV, MAC } from './sealed.js'

/**
 * The key of all tags, and so of the names of all ledgers. Secrets rotate and ledgers must not be forgotten with them,
 * so it lives where the ledgers do: the store holds a copy of it sealed by each secret, and any one of them opens it.
 * It is read once.
 */
export class TagKey {
  private readonly keys: Keys
  private readonly store: ChallengeStore
  private reading: Promise<KeyObject> | undefined
  private key: KeyObject | undefined

  constructor(keys: Keys, store: ChallengeStore) {
    this.keys = keys
    this.store = store
  }

  /** The key, once it has been read. */
  get known(): KeyObject | undefined {
    return this.key
  }

  /** @throws SmsOtpError `store_unavailable`. Then the next call tries again. */
  read(): Promise<KeyObject> {
    this.reading ??= this.ask()
    return this.reading
  }

  private async ask(): Promise<KeyObject> {
    try {
      this.key = await readTagKey(this.keys, this.store)
      return this.key
    } catch (error) {
      this.reading = undefined
      throw error
    }
  }
}

async function readTagKey({ byId, firstTag }: Keys, store: ChallengeStore): Promise<KeyObject> {
  const copies = await store.remember({})
  const secrets = [...byId.values()].map((key) => ({ key, tag: openCopy(key, copies[key.id]) }))
  // The oldest: a secret that was used alone for a while, by mistake, has made a key of its own.
  const tag = secrets.findLast((secret) => secret.tag)?.tag ?? firstTag.export()
  warnOfSecrets(secrets.map((secret) => secret.tag !== undefined), Object.keys(copies).length > 0)
  const lacking = secrets.filter((secret) => !secret.tag?.equals(tag))
  if (lacking.length > 0) {
    await store.remember(
      Object.fromEntries(lacking.map(({ key }) => [key.id, sealCopy(key, tag)])),
    )
  }
  return createSecretKey(tag)
}

function warnOfSecrets(opens: readonly boolean[], isUsed: boolean): void {
  if (isUsed && !opens.includes(true)) {
    process.emitWarning('No secret of passport-sms-otp opens what its store holds: failures, locks and limits that were counted so far are forgotten. '
      + 'Put the secret that was in use behind the new one: secret: [newOne, oldOne].', { code: 'SMS_OTP_SECRETS_REPLACED' })
  } else if (opens[0] === true && opens.includes(false)) {
    process.emitWarning('A new secret of passport-sms-otp stands behind an old one, which goes on making all codes. Put the new one in front: '
      + 'secret: [newOne, oldOne].', { code: 'SMS_OTP_SECRET_ORDER' })
  }
}

function sealCopy({ id, copy }: Key, tag: Buffer): string {
  const iv = randomBytes(IV)
  const cipher = createCipheriv('aes-256-gcm', copy, iv).setAAD(Buffer.from(id))
  const sealed = Buffer.concat([cipher.update(tag), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')
}

function openCopy({ id, copy }: Key, sealed: string | undefined): Buffer | undefined {
  if (sealed === undefined) return undefined
  const bytes = Buffer.from(sealed, 'base64url')
  try {
    const decipher = createDecipheriv('aes-256-gcm', copy, bytes.subarray(0, IV), { authTagLength: MAC })
    decipher.setAAD(Buffer.from(id)).setAuthTag(bytes.subarray(IV, IV + MAC))
    return Buffer.concat([decipher.update(bytes.subarray(IV + MAC)), decipher.final()])
  } catch {
    return undefined
  }
}
