#!lua
-- restore_finish: the show begins its next life: position, announcement in the log, and the fence is lifted, all at once.
-- KEYS[1]  {sh:<show_id>}:meta
-- ARGV[1]  token of the restoration
-- ARGV[2]  fence that the restoration has set
-- ARGV[3]  new epoch
-- ARGV[4]  seq of the announcement
-- ARGV[5]  its time
-- ARGV[6]  the announcement as Envelope in JSON
-- ARGV[7]  fence of the time after ('' = none): somebody stopped the show before, and has not looked at it yet
-- Returns  1, or 0 when somebody else has taken over
-- Driven by server/ledger/restore.py; tests/ledger/test_restore.py.
local TAG = string.sub(KEYS[1], 1, -5)
if redis.call('GET', TAG .. 'restoring') ~= ARGV[1] then -- guard: another restorer
  return 0
end
redis.call('XADD', TAG .. 'log', ARGV[4] .. '-0', 'e', ARGV[6])
redis.call('HSET', KEYS[1], 'epoch', ARGV[3], 'seq', ARGV[4], 'last_ms', ARGV[5])
if redis.call('HGET', KEYS[1], 'fence') == ARGV[2] then -- guard: stopped for another reason meanwhile
  if ARGV[7] == '' then
    redis.call('HDEL', KEYS[1], 'fence')
  else
    redis.call('HSET', KEYS[1], 'fence', ARGV[7])
  end
end
redis.call('HDEL', KEYS[1], 'fenced_before')
redis.call('DEL', TAG .. 'restoring')
return 1
