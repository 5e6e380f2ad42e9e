-- Append publications to a channel's log, each once per command. One call for many: a script's start costs more than a command.
-- KEYS  1 log (stream)  2 meta (hash)  3… of each command: seen (string), then its guards (strings)
-- ARGV  1 run id of the server process  2 epoch for a channel that begins one  3 length_max
--       4… of each command: at_ms, publication or '' when the command is only noted, fingerprint, seen_ms, version or '',
--       envelope of the recorded event or '', number of guards, ttl_ms of each
-- Returns an answer for each command, in order, {outcome, epoch, offset}: 'appended'; 'noted' without a publication (offset 0);
-- 'duplicate' with the first position; 'conflict' when another command had this id; 'stale' when the channel has this version or
-- a newer one; {'guarded', which, remaining_ms} when another command holds guard number `which` (from 1).
-- Proved by tests/channels/test_log.py.
local epoch, offset = position(KEYS[1], KEYS[2], ARGV[2], ARGV[1])

local function carry_out(seen, arg, guards)
  local at_ms, data, fingerprint, seen_ms, version, envelope = unpack(ARGV, arg, arg + 5)
  local refusal = answered(KEYS[seen], fingerprint) or guarded(seen + 1, seen + guards)
  if refusal then
    return refusal
  end
  if version ~= '' then
    local newest = redis.call('HGET', KEYS[2], 'v')
    if newest and tonumber(version) <= tonumber(newest) then
      return {'stale', epoch, offset}
    end
    redis.call('HSET', KEYS[2], 'v', version)
  end
  for guard = 1, guards do
    redis.call('SET', KEYS[seen + guard], '', 'PX', ARGV[arg + 6 + guard])
  end
  local outcome, at = 'noted', 0
  if data ~= '' then
    offset = append(KEYS[1], KEYS[2], ARGV[3], epoch, at_ms, data, envelope)
    outcome, at = 'appended', offset
  end
  redis.call('SET', KEYS[seen], string.format('%s %d %s', epoch, at, fingerprint), 'PX', seen_ms)
  return {outcome, epoch, at}
end

local answers = {}
local key, arg = 3, 4
while arg <= #ARGV do
  local guards = tonumber(ARGV[arg + 6])
  answers[#answers + 1] = carry_out(key, arg, guards)
  key, arg = key + 1 + guards, arg + 7 + guards
end
return answers
