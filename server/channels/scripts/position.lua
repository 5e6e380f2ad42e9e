-- Put before the other scripts of this folder: where a channel stands, {epoch, offset}, and its next publication.
-- The first reader or writer gives the channel its epoch. When the position was lost and the log was not, offsets go on above
-- the log's last entry, so that an entry that nobody consumed yet is never overwritten.
local function position(log, meta, new_epoch)
  local known = redis.call('HMGET', meta, 'e', 'o')
  if known[1] then
    return known[1], tonumber(known[2])
  end
  local offset = 0
  local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
  if last[1] then
    offset = tonumber(string.match(last[1][1], '^(%d+)'))
  end
  redis.call('HSET', meta, 'e', new_epoch, 'o', string.format('%d', offset))
  return new_epoch, offset
end

-- Append a publication at the next offset, which is returned. `envelope` is that of the recorded event, or ''.
local function append(log, meta, length_max, epoch, at_ms, data, envelope)
  local offset = redis.call('HINCRBY', meta, 'o', 1)
  local id = string.format('%d-0', offset)
  if envelope == '' then
    redis.call('XADD', log, 'MAXLEN', '~', length_max, id, 't', at_ms, 'd', data, 'p', epoch)
  else
    redis.call('XADD', log, 'MAXLEN', '~', length_max, id, 't', at_ms, 'd', data, 'p', epoch, 'e', envelope)
  end
  return offset
end
