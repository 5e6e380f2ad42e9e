-- Put before the scripts that take commands: what a command is told that is not carried out.
-- `answered`: the first outcome of a command that was seen before, or a conflict when another one had its id; nil when it is new.
local function answered(seen, fingerprint)
  local note = redis.call('GET', seen)
  if not note then
    return nil
  end
  local epoch, offset, first = string.match(note, '^(%S+) (%d+) (.*)$')
  if first ~= fingerprint then
    return {'conflict', epoch, tonumber(offset)}
  end
  return {'duplicate', epoch, tonumber(offset)}
end

-- `guarded`: which of the guards KEYS[first]…KEYS[last] another command holds, from 1, and for how long; nil when none is held.
local function guarded(first, last)
  for index = first, last do
    local remaining = redis.call('PTTL', KEYS[index])
    if remaining ~= -2 then
      return {'guarded', index - first + 1, remaining}
    end
  end
  return nil
end
