#!lua
-- restore_drop: gives a restoration up, when it is still one's own.
-- KEYS[1]  {sh:<show_id>}:restoring
-- ARGV[1]  token of the restoration
-- Returns  1 when it was one's own
-- Driven by server/ledger/restore.py; tests/ledger/test_restore.py.
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end -- guard: another restorer
return 0
