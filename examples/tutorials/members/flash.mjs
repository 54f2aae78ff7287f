/** In the place of connect-flash: `req.flash(type, text)` keeps a message, `req.flash(type)` takes all of them. */
export function flash(req, res, next) {
  req.flash = (type, text) => {
    const kept = (req.session.flash ??= {})
    if (text !== undefined) return (kept[type] ??= []).push(text)
    const messages = kept[type] ?? []
    delete kept[type]
    return messages
  }
  next()
}
