-- Note who is on a channel in one process, and publish who is on it in all of them, when that has changed.
-- KEYS  1 log (stream)  2 meta (hash)  3 here (hash: process -> "<expires_at_ms> <count> <people, one JSON object a line>")
--       4 met (set: everybody who was ever here)
-- ARGV  1 run id of the server process  2 epoch for a channel that begins one  3 length_max
--       4 process  5 count there  6 its people, one JSON object a line  7 expires after ms
--       8 least ms between two publications  9 sample_max  10 how long met is kept, ms  11… who has come since the last call
-- Returns {published, wait_ms}: 1 when a publication was made; wait_ms is not 0 when one is due, but not yet: ask again then.
-- What was published last is read from the log itself, so nothing is left to be wrong when that was lost. All times are those of
-- Redis' clock: processes need not agree. Proved by tests/channels/test_presence.py.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[5] == '0' then
  redis.call('HDEL', KEYS[3], ARGV[4])
else
  redis.call('HSET', KEYS[3], ARGV[4], string.format('%d %s %s', now_ms + ARGV[7], ARGV[5], ARGV[6]))
  redis.call('PEXPIRE', KEYS[3], 2 * ARGV[7])
end

for index = 11, #ARGV do
  redis.call('SADD', KEYS[4], ARGV[index])
end
if #ARGV > 10 then
  redis.call('PEXPIRE', KEYS[4], ARGV[10])
end

local count, people, known, processes, here = 0, {}, {}, {}, {}
local all = redis.call('HGETALL', KEYS[3])
for index = 1, #all, 2 do
  processes[#processes + 1] = all[index]
  here[all[index]] = all[index + 1]
end
table.sort(processes)
for _, process in ipairs(processes) do
  local expires_ms, there, names = string.match(here[process], '^(%d+) (%d+) (.*)$')
  if tonumber(expires_ms) <= now_ms then
    redis.call('HDEL', KEYS[3], process)
  else
    count = count + there
    for person in string.gmatch(names, '[^\n]+') do
      if not known[person] and #people < tonumber(ARGV[9]) then
        known[person] = true
        people[#people + 1] = person
      end
    end
  end
end

local state = string.format('{"count":%d,"sample":[%s]}', count, table.concat(people, ','))
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if last then
  local fields = {}
  for index = 1, #last[2], 2 do
    fields[last[2][index]] = last[2][index + 1]
  end
  if fields['d'] == state then
    return {0, 0}
  end
  local rest_ms = fields['t'] + ARGV[8] - now_ms
  if rest_ms > 0 and rest_ms <= tonumber(ARGV[8]) then  -- more only after the clock was set back
    return {0, rest_ms}
  end
elseif count == 0 then
  return {0, 0}
end
local epoch = position(KEYS[1], KEYS[2], ARGV[2], ARGV[1])
append(KEYS[1], KEYS[2], ARGV[3], epoch, string.format('%d', now_ms), state, '')
return {1, 0}
