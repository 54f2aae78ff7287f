import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { SignedXml } from 'xml-crypto'
import type { Answer } from './visitor.js'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const idp = 'https://idp.example'
const anId = (): string => `_${randomBytes(16).toString('hex')}`
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()

/** An identity provider of SAML 2.0 (Core §3.4, HTTP-Redirect there and HTTP-POST back) that signs its assertions. */
export const samlProvider = {
  entryPoint: `${idp}/sso`,
  key: publicKey,
  audience: 'acme',
  async signIn(url: string, name: string): Promise<Answer> {
    const asked = new URL(url).searchParams
    const request = inflateRawSync(Buffer.from(asked.get('SAMLRequest') ?? '', 'base64')).toString()
    const [, to = ''] = /AssertionConsumerServiceURL="([^"]+)"/.exec(request) ?? []
    const [, requestId = ''] = /\bID="([^"]+)"/.exec(request) ?? []
    const relay = asked.get('RelayState')
    return { address: to, form: { SAMLResponse: Buffer.from(responseTo(requestId, to, name)).toString('base64'), ...(relay === null ? {} : { RelayState: relay }) } }
  },
}

function responseTo(requestId: string, to: string, name: string): string {
  const id = anId()
  const bound = `Recipient="${to}" InResponseTo="${requestId}" NotOnOrAfter="${inSeconds(120)}"`
  const xml = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${anId()}" Version="2.0" IssueInstant="${inSeconds(0)}" Destination="${to}" InResponseTo="${requestId}">
<saml:Issuer>${idp}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<saml:Assertion ID="${id}" Version="2.0" IssueInstant="${inSeconds(0)}">
<saml:Issuer>${idp}</saml:Issuer>
<saml:Subject><saml:NameID>${name}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData ${bound}/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="${inSeconds(-30)}" NotOnOrAfter="${inSeconds(120)}"><saml:AudienceRestriction><saml:Audience>${samlProvider.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="${inSeconds(0)}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
</saml:Assertion>
</samlp:Response>`
  const signing = new SignedXml({ privateKey, signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', canonicalizationAlgorithm: exclusive })
  signing.addReference({ xpath: `//*[@ID='${id}']`, transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', exclusive], digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256' })
  signing.computeSignature(xml, { location: { reference: `//*[@ID='${id}']/*[local-name()='Issuer']`, action: 'after' } })
  return signing.getSignedXml()
}
