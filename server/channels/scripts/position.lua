-- Put before the other scripts of this folder: where a channel stands, {epoch, offset}, and its next publication.
-- `meta` is a hash: e epoch, o offset, r the server process that the epoch belongs to, v version of the last state.
--
-- The first reader or writer gives the channel its epoch. Another server process than before (`run_id`, which the caller's
-- connection knows) may have been started from an older file, and would give offsets that viewers know to other publications: so
-- the epoch ends with the process, for each channel once, whoever comes first. Offsets go on, above the log's last entry even when
-- the position was lost, so that an entry that nobody consumed yet is never overwritten.
local function position(log, meta, new_epoch, run_id)
  local known = redis.call('HMGET', meta, 'e', 'o', 'r')
  if known[1] and known[3] == run_id then
    return known[1], tonumber(known[2])
  end
  local offset = tonumber(known[2] or 0)
  local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
  if last[1] then
    offset = math.max(offset, tonumber(string.match(last[1][1], '^(%d+)')))
  end
  redis.call('HSET', meta, 'e', new_epoch, 'o', string.format('%d', offset), 'r', run_id)
  return new_epoch, offset
end

-- Append a publication at the next offset, which is returned, and send it to the nodes that follow the channel: the topic is the
-- log's name. `envelope` is that of the recorded event, or ''.
local function append(log, meta, length_max, epoch, at_ms, data, envelope)
  local offset = string.format('%d', redis.call('HINCRBY', meta, 'o', 1))
  local id = offset .. '-0'
  if envelope == '' then
    redis.call('XADD', log, 'MAXLEN', '~', length_max, id, 't', at_ms, 'd', data, 'p', epoch)
  else
    redis.call('XADD', log, 'MAXLEN', '~', length_max, id, 't', at_ms, 'd', data, 'p', epoch, 'e', envelope)
  end
  redis.call('SPUBLISH', log, epoch .. ' ' .. offset .. ' ' .. at_ms .. ' ' .. data)
  return tonumber(offset)
end
