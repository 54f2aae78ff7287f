import { createHash, createSign, generateKeyPairSync } from 'node:crypto'

const sha256 = (value: string | Buffer): Buffer => createHash('sha256').update(value).digest()

/** A security key with one discoverable credential (W3C WebAuthn Level 2 §6, §7.2), whose owner touches it whenever it is asked. */
export function securityKey(owner: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })
  return {
    owner,
    id: sha256(publicKey).toString('base64url'),
    publicKey,
    /** What a page posts once the key has signed this challenge for this origin. */
    sign(challenge: string, origin: string) {
      const clientData = JSON.stringify({ type: 'webauthn.get', challenge, origin })
      // The relying party, "user is present", and no counter.
      const data = Buffer.concat([sha256(new URL(origin).hostname), Buffer.from([1]), Buffer.alloc(4)])
      return {
        id: this.id,
        response: {
          clientDataJSON: Buffer.from(clientData).toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: createSign('sha256').update(Buffer.concat([data, sha256(clientData)])).sign(privateKey).toString('base64url'),
          userHandle: Buffer.from(owner).toString('base64url'),
        },
      }
    },
  }
}
