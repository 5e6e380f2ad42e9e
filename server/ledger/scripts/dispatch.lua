-- dispatch: every command of the batch in turn: seen? -> fence -> epoch -> decide and write -> store the outcome.
-- Mirrors rules.Show.call; tests/ledger/test_agreement.py, test_mutations.py.

-- Writes: no more decisions for this show until somebody has looked at it. A script that failed half way has no rollback, and
-- selling on from such a state would make it worse.
local function stop(message)
  fence = 'script failed: ' .. tostring(type(message) == 'table' and message.err or message)
  redis.call('HSET', KEYS[1], 'fence', fence)
end

local function run(known_epoch, text)
  local command = cjson.decode(text)
  local fingerprint = redis.sha1hex(text)
  local seen = redis.call('GET', TAG .. 'cmd:' .. command.command_id)
  if seen then -- guard: seen
    if string.sub(seen, 1, 40) ~= fingerprint then -- guard: same content
      return '{"outcome":"idempotency_conflict"}'
    end
    return string.sub(seen, 41)
  end
  if fence then -- guard: fence
    return cjson.encode({outcome = 'fenced', reason = fence})
  end
  if known_epoch ~= '' and known_epoch ~= epoch then -- guard: epoch
    return cjson.encode({outcome = 'stale_epoch', epoch = epoch})
  end
  local done, outcome = pcall(operations[command.op], command)
  if not done then -- guard: failed half way
    stop(outcome)
    return cjson.encode({outcome = 'fenced', reason = fence})
  end
  local result = cjson.encode(outcome)
  redis.call('SET', TAG .. 'cmd:' .. command.command_id, fingerprint .. result, 'PX', KEEP_MS)
  return result
end

if not epoch and ARGV[3] then -- guard: new show
  epoch = ARGV[2]
  redis.call('HSET', KEYS[1], 'epoch', epoch)
end
local swept = 0
if not fence then -- guard: sweep of a fenced show
  local done, result = pcall(sweep)
  if done then swept = result else stop(result) end -- guard: sweep failed
end
local outcomes = {}
for i = 3, #ARGV, 2 do
  outcomes[#outcomes + 1] = run(ARGV[i], ARGV[i + 1])
end
return {epoch or '', int(seq), int(now_ms), int(swept), outcomes}
