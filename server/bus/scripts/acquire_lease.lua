-- Take or renew a lease. Mirrors server/bus/lease.py; proved by tests/bus/test_lease.py.
-- KEYS: lease, fence.  ARGV: holder, ttl_ms.  Reply: the fencing token as a string, or nil while somebody else holds it.
local held = redis.call('GET', KEYS[1])
if held then
  local holder, token = string.match(held, '^(.*)|(%d+)$')
  if holder ~= ARGV[1] then
    return false
  end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return token
end
-- The token grows with every change of holder. It starts from the clock, so that it grows on even when Redis lost its data.
local time = redis.call('TIME')
local now_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local token = string.format('%.0f', math.max(last + 1, now_ms))
redis.call('SET', KEYS[2], token)
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. token, 'PX', ARGV[2])
return token
