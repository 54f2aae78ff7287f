import { html, Markup } from '#internal/html'

describe('A template of HTML', () => {
  it('a template of HTML escapes every value, in texts and in attributes', () => {
    expect(html`<p title="${'"><script>'}">${'a & b'}</p>`.text).toBe('<p title="&quot;&gt;&lt;script&gt;">a &amp; b</p>')
  })

  it('a template of HTML takes in markup as it is, lists of it, numbers, and nothing for a value that is missing', () => {
    expect(html`${[html`<b>1</b>`, 2, ['<3']]}${undefined}${null}`.text).toBe('<b>1</b>2&lt;3')
  })

  it('a template of HTML escapes an object that only looks like markup', () => {
    const fromRequest = JSON.parse('{ "text": "<script>" }') as never
    expect(() => html`${fromRequest}`.text).toThrow(TypeError)
    expect(html`x`).toBeInstanceOf(Markup)
  })
})
