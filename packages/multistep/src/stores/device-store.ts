/**
 * The part of the port behind which remembered devices live, and that ends all of a person's logins at once. Everything
 * of a partition shares one place, and each operation is one atomic step; time is the store's. No token is ever kept,
 * only its digest.
 */
export interface DeviceStore {
  /**
   * Keeps a device for its `ttl`, which nothing extends. The devices of `replaces` go; then, while there are more than
   * `max`, the one that was remembered first. Answers the ids of all that went.
   */
  rememberDevice(partition: string, device: NewDevice, max: number): Promise<string[]>
  /**
   * Looks for the first of these devices that this partition has, for this purpose. `ok`: the token was its present
   * one, which `next` replaces from now on: of any number of callers with one token exactly one gets `ok`. The token
   * before it, presented within `graceFor` by the same browser (`browser` is equal), is the first presentation again:
   * `ok` with `again`, which is the `sealed` of the first, and nothing is replaced. `reused`: the token is not its
   * present one any more, so two browsers hold it, and the device is gone. `outdated`: the fingerprint is another than
   * it was remembered with, and the device is gone. `unknown`: none of them was remembered here, or it has expired or
   * was forgotten.
   */
  useDevice(partition: string, use: DeviceUse): Promise<DeviceAnswer>
  /** The devices of a partition, in the order in which they were remembered. */
  listDevices(partition: string): Promise<KeptDevice[]>
  /** `false`: there was none. */
  forgetDevice(partition: string, id: string): Promise<boolean>
  /** Answers the ids of those that there were. */
  forgetDevices(partition: string): Promise<string[]>
  /**
   * Ends every flow and login of this partition that was made so far, and forgets its devices: those that are made from
   * now on are not concerned, be it in the same millisecond. The cost is the same however many there are. `ttl` is at
   * least as long as any of them may still live. Answers the ids of the devices.
   */
  endAll(partition: string, ttl: number): Promise<string[]>
}

/**
 * For so long after a use its token, from the same browser, is the same use: a second click, or a post whose answer was
 * lost on its way.
 */
export const graceFor = 10_000

/** What is told of a device. JSON. */
export interface Device {
  readonly id: string
  /** The factors that were proven freshly when it was remembered. */
  readonly factors: readonly string[]
  /** What it looks like, for the person. */
  readonly label?: string
}

/** A remembered device as a store keeps it. */
export interface KeptDevice extends Device {
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly expiresAt: number
}

/** `token`, `purpose`, `fingerprint`: digests, in base64url. */
export interface NewDevice extends Device {
  readonly token: string
  readonly purpose: string
  /** Of the person's security state: a device lives no longer than it stays the same. */
  readonly fingerprint: string
  /** Milliseconds; absolute, counted from now. */
  readonly ttl: number
  readonly replaces?: readonly string[]
}

/** What a browser presents to be recognised. */
export interface DeviceUse {
  readonly tokens: readonly { readonly id: string, readonly token: string }[]
  /** The digest of the token that takes the place of the one presented. */
  readonly next: string
  /**
   * That token, sealed so that only the browser that presented the one before can read it; and what tells this browser.
   * Absent: it cannot be told.
   */
  readonly sealed?: string
  readonly browser?: string
  readonly purpose: string
  readonly fingerprint: string
}

/** Whether a remembered device counts, and for what. */
export type DeviceAnswer =
  | { readonly status: 'ok', readonly device: KeptDevice, readonly again?: string }
  | { readonly status: 'reused' | 'outdated', readonly id: string }
  | { readonly status: 'unknown' }
