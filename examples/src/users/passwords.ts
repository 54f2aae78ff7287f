import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

export interface PasswordHash { readonly salt: Buffer, readonly key: Buffer }

/** OWASP Password Storage: scrypt with N=2^14, r=8, p=5. */
const derive = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, 32, { N: 2 ** 14, r: 8, p: 5 }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16)
  return { salt, key: await derive(password, salt) }
}

export const isPassword = async (password: string, { salt, key }: PasswordHash): Promise<boolean> =>
  timingSafeEqual(await derive(password, salt), key)
