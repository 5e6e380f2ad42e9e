#!lua
-- restore_write: a part of a show's keys, made again from SQL. Only who holds the show's restoration may write.
-- KEYS[1]  {sh:<show_id>}:meta
-- ARGV[1]  token of the restoration
-- ARGV[2]  milliseconds that it may take until the next part
-- ARGV[3]  commands, as a MessagePack list of lists of strings; every key has the show's hash tag
-- Returns  1, or 0 when somebody else has taken over (nothing is written then)
-- Driven by server/ledger/restore.py; tests/ledger/test_restore.py.
local lock = string.sub(KEYS[1], 1, -5) .. 'restoring'
if redis.call('GET', lock) ~= ARGV[1] then -- guard: another restorer
  return 0
end
redis.call('PEXPIRE', lock, ARGV[2])
for _, command in ipairs(cmsgpack.unpack(ARGV[3])) do
  redis.call(unpack(command))
end
return 1
