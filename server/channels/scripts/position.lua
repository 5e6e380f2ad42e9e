-- Put before the other scripts of this folder: where a channel stands, {epoch, offset}.
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
