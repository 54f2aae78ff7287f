import { constants, privateDecrypt, publicEncrypt, randomInt, type KeyObject } from 'node:crypto'
import { newKeyPair } from './keys.js'

/**
 * An operator's `subscriber_id`: the encrypted number that discovery hands out and `login_hint=ENCR_MSISDN:` brings
 * back (RSA-2048, PKCS #1 v1.5, over the number and random letters; hex). Another one each time.
 */
export class SubscriberIds {
  private pair: Promise<{ publicKey: KeyObject, privateKey: KeyObject }> | undefined

  async encrypt(digits: string): Promise<string> {
    const { publicKey } = await this.keys()
    const padding = Array.from({ length: 128 }, () => String.fromCharCode(97 + randomInt(26))).join('')
    return publicEncrypt(
      { key: publicKey, padding: constants.RSA_PKCS1_PADDING },
      Buffer.from(digits + padding),
    ).toString('hex')
  }

  /** The digits, or nothing for what this operator has not encrypted. */
  async decrypt(hex: string): Promise<string | undefined> {
    if (!/^[0-9a-f]{512}$/i.test(hex)) return undefined
    const { privateKey } = await this.keys()
    const block = blockOf(privateKey, Buffer.from(hex, 'hex'))
    const text = block[0] === 0 && block[1] === 2 ? block.subarray(block.indexOf(0, 2) + 1).toString('latin1') : ''
    return /^(\d+)[a-z]{128}$/.exec(text)?.[1]
  }

  private keys() {
    return this.pair ??= newKeyPair()
  }
}

// Node no longer takes PKCS #1 v1.5 off (CVE-2023-46809). Nobody can learn from a simulator's timing what it would not
// say anyway.
function blockOf(key: KeyObject, encrypted: Buffer): Buffer {
  try {
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encrypted)
  } catch {
    // Not below the key's modulus (RFC 8017 §5.1.2): no number of this operator's.
    return Buffer.alloc(2)
  }
}
