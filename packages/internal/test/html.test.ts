import { html, Markup } from '#internal/html'

describe('A template of HTML', () => {
  it('escapes every value, in texts and in attributes', () => {
    expect(html`<p title="${'"><script>'}">${'a & b'}</p>`.text).toBe('<p title="&quot;&gt;&lt;script&gt;">a &amp; b</p>')
  })

  it('takes in markup as it is, lists of it, numbers, and nothing for what is not there', () => {
    expect(html`${[html`<b>1</b>`, 2, ['<3']]}${undefined}${null}`.text).toBe('<b>1</b>2&lt;3')
  })

  it('escapes an object that only looks like markup', () => {
    const fromRequest = JSON.parse('{ "text": "<script>" }') as never
    expect(() => html`${fromRequest}`.text).toThrow(TypeError)
    expect(html`x`).toBeInstanceOf(Markup)
  })
})
