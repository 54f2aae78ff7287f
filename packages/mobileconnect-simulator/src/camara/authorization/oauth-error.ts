/** An error of OAuth 2.0, OpenID Connect or CIBA, as the security profile lists them (appendix A). */
export class OAuthError extends Error {
  readonly error: string
  readonly status: number

  constructor(error: string, description: string, status = 400) {
    super(description)
    this.error = error
    this.status = status
  }
}
