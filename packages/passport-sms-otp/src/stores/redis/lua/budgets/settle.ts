import { clock, wholeFunction } from '../clock.js'
import { conversion } from './conversion.js'

/** Keys: one for each conversion. Arguments: now, whether its code was entered. */
export const settle = `${clock}${wholeFunction}${conversion}
local verified = ARGV[2] == '1'
for _, key in ipairs(KEYS) do
  local it = read_conversion(key, now)
  if it.ends_at then
    if verified then it.verified = it.verified + 1 else forget_texts(it, 1) end
    write_conversion(key, it, now)
  end
end
return { 'done' }
`
