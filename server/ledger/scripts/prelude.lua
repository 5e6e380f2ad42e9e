#!lua
-- One call runs a batch of commands of one show. server/ledger/bundle.py joins prelude.lua, the operations and dispatch.lua.
--
-- KEYS[1]  {sh:<show_id>}:meta  epoch, seq, last_ms, fence. Every other key of the show has the same hash tag, hence the same slot:
--   pool:<sku>     hash    funded, held, sold, per_buyer_max
--   skus           set     every SKU that has a pool
--   hold:<id>      string  the hold as JSON; forgotten KEEP_MS after it ended, but never when it was committed
--   due            zset    open holds by expires_at_ms
--   bought:<sku>   hash    buyer_id -> units held and sold; no zeros
--   cmd:<id>       string  fingerprint and outcome of a command, for KEEP_MS
--   log            stream  <seq>-0 -> e: Envelope as JSON
-- ARGV[1]  show_id
-- ARGV[2]  epoch to use when the show has none yet
-- ARGV[3]… per command two: the epoch that its caller knows ('' = any) and the command as JSON (rules.py, AnyCommand)
-- Returns  epoch, seq, now_ms, number of holds expired at the head, then a list: per command its outcome as JSON
--          (rules.py, AnyOutcome)
--
-- Numbers are whole and below 10^14: cjson writes larger ones in exponents. `int` formats the others.
-- A script has no rollback: every operation validates first and writes then, and no write may fail for its arguments.

-- Long enough for every retry (providers forget idempotency keys after 24 hours), and the server itself drops what is older,
-- so that neither a loop of ours nor the memory of a long season has to.
local KEEP_MS = '172800000'
local SWEEP_MAX = 100 -- guard: short calls
local EXTENSIONS_MAX = 1 -- guard: no endless hold

local TAG = string.sub(KEYS[1], 1, -5)
local show_id = ARGV[1]
local operations = {}

local function int(number)
  return string.format('%.0f', number)
end

local meta = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'last_ms', 'fence')
local epoch = meta[1]
local seq = tonumber(meta[2] or '0')
local last_ms = tonumber(meta[3] or '0')
local fence = meta[4]

-- Mirrors rules.clamp. TIME is read once: it is not frozen within a script.
local clock = redis.call('TIME')
local now_ms = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
now_ms = math.max(now_ms, last_ms) -- guard: clock

local function emit(kind, command_id, data)
  seq = seq + 1
  data.type = kind
  data.show_id = show_id
  data.epoch = epoch
  data.seq = seq
  data.command_id = command_id
  data.at_ms = now_ms
  local envelope = {
    id = epoch .. '-' .. int(seq), source = 'ledger', type = kind, subject = show_id, time_ms = now_ms, data = data,
  }
  redis.call('HSET', KEYS[1], 'seq', int(seq), 'last_ms', int(now_ms))
  redis.call('XADD', TAG .. 'log', int(seq) .. '-0', 'e', cjson.encode(envelope))
end

local function load_pool(sku)
  local found = redis.call('HMGET', TAG .. 'pool:' .. sku, 'funded', 'held', 'sold', 'per_buyer_max')
  if not found[1] then return nil end -- guard: unknown pool
  local pool = {
    sku = sku, funded = tonumber(found[1]), held = tonumber(found[2]), sold = tonumber(found[3]),
    per_buyer_max = tonumber(found[4]),
  }
  pool.available = pool.funded - pool.held - pool.sold
  return pool
end

-- Writes: changes a pool that was loaded and returns the line of the event, which shows the pool after the change.
local function move(pool, line, funded, held, sold)
  pool.funded = pool.funded + funded
  pool.held = pool.held + held
  pool.sold = pool.sold + sold
  redis.call('HSET', TAG .. 'pool:' .. line.sku, 'funded', int(pool.funded), 'held', int(pool.held), 'sold', int(pool.sold))
  return {
    sku = line.sku, quantity = line.quantity, held = pool.held, sold = pool.sold,
    available = pool.funded - pool.held - pool.sold,
  }
end

local function load_hold(hold_id)
  local found = redis.call('GET', TAG .. 'hold:' .. hold_id)
  return found and cjson.decode(found)
end

-- Writes: ends a hold. What was not sold goes back to the pool and to what the buyer may still take.
local function end_hold(hold_id, hold, state, command_id)
  local lines = {}
  for i, line in ipairs(hold.lines) do
    local pool = load_pool(line.sku)
    if state == 'committed' then -- guard: sold or given back
      lines[i] = move(pool, line, 0, -line.quantity, line.quantity)
    else
      lines[i] = move(pool, line, 0, -line.quantity, 0)
      local left = redis.call('HINCRBY', TAG .. 'bought:' .. line.sku, hold.buyer_id, int(-line.quantity))
      if left == 0 then redis.call('HDEL', TAG .. 'bought:' .. line.sku, hold.buyer_id) end -- guard: no zeros
    end
  end
  redis.call('ZREM', TAG .. 'due', hold_id)
  hold.state = state
  redis.call('SET', TAG .. 'hold:' .. hold_id, cjson.encode(hold))
  if state ~= 'committed' then redis.call('PEXPIRE', TAG .. 'hold:' .. hold_id, KEEP_MS) end -- guard: what is sold stays known
  emit('ledger.hold_' .. state .. '.v1', command_id, {hold_id = hold_id, buyer_id = hold.buyer_id, lines = lines})
end

-- Mirrors rules._gone: refuses a command on a hold that is not open, and ends one that is overdue.
local function gone(hold_id, hold)
  if not hold then return {outcome = 'hold_gone', state = 'unknown'} end -- guard: unknown hold
  if hold.state == 'held' then -- guard: overdue
    end_hold(hold_id, hold, 'expired', hold_id)
    return {outcome = 'hold_gone', state = 'expired'}
  end
  return {outcome = 'hold_gone', state = hold.state}
end
