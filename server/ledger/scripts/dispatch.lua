-- dispatch: every command of the batch in turn: seen? -> fence -> epoch -> SQL keeps up? -> decide and write -> store the outcome.
-- Mirrors rules.Show.call; tests/ledger/test_agreement.py, test_mutations.py.

-- What people may ask, and its good outcomes; any other is kept, so that they can be told later why. Mirrors rules.refused.
local refusable = {
  hold = {held = true}, wait = {held = true, waiting = true}, extend = {extended = true}, commit = {committed = true},
  bid = {bid_accepted = true}, set_maximum = {bid_accepted = true}, enter = {entered = true},
}

-- Writes: no more decisions for this show until somebody has looked at it. A script that failed half way has no rollback, and
-- selling on from such a state would make it worse. What it emitted and did not log never happened.
local function stop(message)
  seq = seq - #emitted
  emitted = {}
  fence = 'script failed: ' .. tostring(type(message) == 'table' and message.err or message)
  redis.call('HSET', KEYS[1], 'fence', fence)
end

local function perform(command, fingerprint, text)
  local outcome = operations[command.op](command)
  local result = outcome.json or cjson.encode(outcome) -- guard: JSON that is known
  local stored = fingerprint .. result
  flush(stored)
  local good = refusable[command.op]
  if good and not good[outcome.outcome] and outcome.outcome ~= 'idempotency_conflict' then -- guard: a refusal
    redis.call('XADD', TAG .. 'refused', 'MAXLEN', '~', REFUSED_MAX, '*', 'c', text, 'o', stored, 's', int(seq), 't', int(now_ms))
  end
  redis.call('SET', TAG .. 'cmd:' .. command.command_id, stored, 'PX', KEEP_MS)
  serve()
  return result
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
  if projected and seq - projected > LAG_MAX then -- guard: SQL is behind
    return cjson.encode({outcome = 'behind', entries = seq - projected})
  end
  local done, result = pcall(perform, command, fingerprint, text)
  if not done then -- guard: failed half way
    stop(result)
    return cjson.encode({outcome = 'fenced', reason = fence})
  end
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
if not fence then -- guard: the line of a fenced show
  local done, message = pcall(serve)
  if not done then stop(message) end -- guard: the line failed
end
local outcomes = {}
for i = 3, #ARGV do
  local known_epoch, text = string.match(ARGV[i], '^([^{]*)(.*)$')
  outcomes[i - 2] = run(known_epoch, text)
end
save_lots()
save()
return {epoch or '', int(seq), int(now_ms), int(swept), outcomes}
