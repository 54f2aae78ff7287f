/** The name of an operator in `callbackURL`, as for one that is configured: its issuer without the scheme, fit for a path. */
export const operatorId = (issuer: string): string => issuer.replace(/^https?:\/\//, '').replace(/[^A-Za-z0-9._~]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 64)
