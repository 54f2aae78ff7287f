// As CommonJS, and when it is first asked for: its hundred ES modules take twice as long to load, and who imports this
// package may not need numbers. A `require` of a constant name is seen by bundlers.
exports.loadLibphonenumber = () => require('libphonenumber-js/max')
