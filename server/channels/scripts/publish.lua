-- Append one publication to a channel's log, once per command.
-- KEYS  1 log (stream)  2 meta (hash e epoch, o offset, v version)  3 seen (string, one per command)  4… guards (strings)
-- ARGV  1 at_ms  2 publication, or '' when only the command is noted  3 epoch for a channel that has none
--       4 fingerprint of the command  5 seen_ms  6 length_max  7 version or ''  8 envelope of the recorded event or ''
--       9… ttl_ms of each guard
-- Returns {outcome, epoch, offset}: 'appended'; 'noted' without a publication (offset 0); 'duplicate' with the first position;
-- 'conflict' when another command had this id; 'stale' when the channel has this version or a newer one;
-- {'guarded', which, remaining_ms} when another command holds guard number `which` (from 1). Proved by tests/channels/test_log.py.
local refusal = answered(KEYS[3], ARGV[4]) or guarded(4, #KEYS)
if refusal then
  return refusal
end

local epoch, offset = position(KEYS[1], KEYS[2], ARGV[3])
if ARGV[7] ~= '' then
  local version = redis.call('HGET', KEYS[2], 'v')
  if version and tonumber(ARGV[7]) <= tonumber(version) then
    return {'stale', epoch, offset}
  end
  redis.call('HSET', KEYS[2], 'v', ARGV[7])
end

for index = 4, #KEYS do
  redis.call('SET', KEYS[index], '', 'PX', ARGV[index + 5])
end
local outcome = 'noted'
if ARGV[2] == '' then
  offset = 0
else
  outcome = 'appended'
  offset = append(KEYS[1], KEYS[2], ARGV[6], epoch, ARGV[1], ARGV[2], ARGV[8])
end
redis.call('SET', KEYS[3], string.format('%s %d %s', epoch, offset, ARGV[4]), 'PX', ARGV[5])
return {outcome, epoch, offset}
