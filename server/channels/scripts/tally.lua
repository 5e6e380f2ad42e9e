-- Add the commands of a batch to a channel's counters, each command once, and publish all totals as one publication.
-- KEYS  1 log (stream)  2 meta (hash)  3 counts (hash: name, total)  4… of each command: seen (string), then its guards (strings)
-- ARGV  1 run id of the server process  2 epoch for a channel that begins one  3 length_max  4 at_ms  5 seen_ms
--       6… of each command: fingerprint, number of guards, ttl_ms of each guard, number of counters, name and increment of each
-- Returns an answer for each command, in order: {'appended' | 'duplicate', epoch, offset of the publication that has it},
-- or 'conflict' and 'guarded' as in publish.lua. Nothing is published when no command was new. The publication is
-- {"counts":{name:total,…}} with the names in byte order; totals are copied as Redis writes them, so they stay integers.
-- Proved by tests/channels/test_tally.py.
local epoch, offset = position(KEYS[1], KEYS[2], ARGV[2], ARGV[1])
local answers, fresh, in_batch = {}, {}, {}
local key, arg = 4, 6
while arg <= #ARGV do
  local seen, fingerprint, guards = KEYS[key], ARGV[arg], tonumber(ARGV[arg + 1])
  local answer = answered(seen, fingerprint)
  if in_batch[seen] then
    answer = {in_batch[seen] == fingerprint and 'duplicate' or 'conflict', epoch, offset + 1}
  end
  answer = answer or guarded(key + 1, key + guards)
  local counters = arg + 2 + guards
  local last = counters + 2 * tonumber(ARGV[counters])
  if not answer then
    answer = {'appended', epoch, offset + 1}
    in_batch[seen] = fingerprint
    fresh[#fresh + 1] = seen
    for guard = 1, guards do
      redis.call('SET', KEYS[key + guard], '', 'PX', ARGV[arg + 1 + guard])
    end
    for index = counters + 1, last, 2 do
      redis.call('HINCRBY', KEYS[3], ARGV[index], ARGV[index + 1])
    end
  end
  answers[#answers + 1] = answer
  key, arg = key + 1 + guards, last + 1
end

if #fresh > 0 then
  local names, totals = {}, {}
  local counts = redis.call('HGETALL', KEYS[3])
  for index = 1, #counts, 2 do
    names[#names + 1] = counts[index]
    totals[counts[index]] = counts[index + 1]
  end
  table.sort(names)
  for index, name in ipairs(names) do
    names[index] = cjson.encode(name) .. ':' .. totals[name]
  end
  append(KEYS[1], KEYS[2], ARGV[3], epoch, ARGV[4], '{"counts":{' .. table.concat(names, ',') .. '}}', '')
  for _, seen in ipairs(fresh) do
    redis.call('SET', seen, string.format('%s %d %s', epoch, offset + 1, in_batch[seen]), 'PX', ARGV[5])
  end
end
return answers
