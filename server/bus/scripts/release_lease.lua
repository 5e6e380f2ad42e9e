-- Give a lease back. Mirrors server/bus/lease.py; proved by tests/bus/test_lease.py.
-- KEYS: lease.  ARGV: holder.  Reply: 1 when it was ours, 0 when not.
local held = redis.call('GET', KEYS[1])
if held and string.match(held, '^(.*)|%d+$') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
