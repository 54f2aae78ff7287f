export { barriersOf, describeWithBrowser, launchBrowser } from '../../../../test/support/browser.js'

/** In the page: the lowest contrast of any visible text with what is behind it (WCAG 2.2, 1.4.3), and whose it is. */
export const lowestContrast = `(() => {
  const rgb = (color) => color.match(/[\\d.]+/g).map(Number)
  const channel = (value) => value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
  const behind = (element) => {
    const color = rgb(getComputedStyle(element).backgroundColor)
    return color[3] === 0 ? behind(element.parentElement) : color
  }
  const withText = [...document.querySelectorAll('body *')]
    .filter((element) => element.checkVisibility() && !element.matches(':disabled') && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  const contrasts = withText.map((element) => {
    const [low, high] = [luminance(rgb(getComputedStyle(element).color)), luminance(behind(element))].sort((a, b) => a - b)
    return { contrast: (high + 0.05) / (low + 0.05), text: element.textContent.trim() }
  })
  return contrasts.sort((a, b) => a.contrast - b.contrast)[0]
})()`
