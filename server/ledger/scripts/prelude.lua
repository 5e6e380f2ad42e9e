#!lua
-- One call runs a batch of commands of one show. server/ledger/wire.py joins prelude.lua, the operations and dispatch.lua.
--
-- KEYS[1]  {sh:<show_id>}:meta  epoch, seq, last_ms, fence, projected (the last entry that SQL has; no field: nobody projects).
-- Every other key of the show has the same hash tag, hence the same slot:
--   pool:<sku>     hash    funded, held, sold, per_buyer_max
--   skus           set     every SKU that has a pool
--   hold:<id>      string  the hold as JSON; forgotten KEEP_MS after it ended, but never when it was committed
--   due            zset    <kind>:<id> of what ends by itself, by time: hold, sale, lot, giveaway
--   bought:<sku>   hash    buyer_id -> units held and sold; no zeros
--   sale:<id>      hash    state (open | over), currency, starts_at_ms, ends_at_ms, skus (JSON)
--   offer:<sale>:<sku>    hash  quantity_max, per_buyer_max, price_minor, held, sold
--   insale:<sale>:<sku>   hash  buyer_id -> units held and sold in the sale; no zeros
--   coupon:<code>  hash    state (open | shut), uses_max, per_buyer_max, used
--   uses:<code>    hash    buyer_id -> uses; no zeros
--   lot:<id>, giveaway:<id>, entrants:<id>   as lots.lua and giveaways.lua say
--   waiter:<id>    string  somebody in line, as JSON
--   queue:<quantity>|<sale>|<sku>   zset  who has this wish, by seq
--   firsts:<sku>   zset    <quantity>|<sale> of every wish in line for the SKU, by the seq of its first
--   freed          zset    SKUs whose line must be looked at, all with score 0: in order of their bytes
--   open:<kind>    zset    ids of what is announced or open: lot by its start; sale, coupon and giveaway with 0
--   ended:<kind>   list    ids of what ended last, the latest first, ENDED_MAX of them
--   cmd:<id>       string  fingerprint and outcome of a command, for KEEP_MS
--   log            stream  <seq>-0 -> e: Envelope as JSON; o, on the last entry of a command: what cmd:<id> has
--   refused        stream  c: a refused command as JSON, o: what cmd:<id> has, s: seq at that moment, t: time
-- ARGV[1]  show_id
-- ARGV[2]  epoch to use when the show has none yet
-- ARGV[3]… the commands as JSON (rules/commands.py, AnyCommand), each behind the epoch that its caller knows ('' = any)
-- Returns  epoch, seq, now_ms, number of things ended at the head, then a list: per command its outcome as JSON
--          (rules/outcomes.py, AnyOutcome)
--
-- Numbers are whole and below 10^14: cjson writes larger ones in exponents. `int` formats the others. An empty Lua table is
-- written as {}, never as []: a list in an event must have an element.
-- A script has no rollback: every operation validates first and writes then, and no write may fail for its arguments.
-- Order of a call: what is overdue ends; the line is served; then each command, and the line again.

-- Long enough for every retry (providers forget idempotency keys after 24 hours), and the server itself drops what is older,
-- so that neither a loop of ours nor the memory of a long season has to.
local KEEP_MS = '172800000'
local REFUSED_MAX = '100000'
local SWEEP_MAX = 100 -- guard: short calls
local SERVES_MAX = 100 -- guard: short calls, too
local LAG_MAX = 200000 -- guard: SQL must keep up
local LOOKS_MAX = 10000 -- more than a call can free; a loop without an end would stop the server for everybody
local EXTENSIONS_MAX = 1 -- guard: no endless hold
local WAITING_MAX = 500 -- guard: no endless line
local WISHES_MAX = 20 -- guard: a bounded look at the line
local ENDED_LAST = 19 -- guard: what snapshots show of the past (rules.ENDED_MAX, less one)

local TAG = string.sub(KEYS[1], 1, -5)
local show_id = ARGV[1]
-- op -> function(command) -> outcome, which may carry its own JSON as `json`. May emit.
local operations = {}
-- kind -> function(id): ends what is overdue. Emits, and moves or removes its member of `due`: else every call would meet it again.
local endings = {}

local function int(number)
  return string.format('%.0f', number)
end

local meta = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'last_ms', 'fence', 'projected')
local epoch = meta[1]
local seq = tonumber(meta[2] or '0')
local seq_before = seq
local last_ms = tonumber(meta[3] or '0')
local fence = meta[4]
local projected = tonumber(meta[5] or '')

-- Mirrors rules.clamp. TIME is read once: it is not frozen within a script.
local clock = redis.call('TIME')
local now_ms = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
now_ms = math.max(now_ms, last_ms) -- guard: clock

local emitted = {}
-- The envelope of an entry up to its number and from there to its data: cjson need not write it for each.
local entry_head = '{"source":"ledger","subject":' .. cjson.encode(show_id) .. ',"time_ms":' .. int(now_ms) .. ',"id":"'
local function emit(kind, command_id, data)
  seq = seq + 1
  data.type = kind
  data.show_id = show_id
  data.epoch = epoch
  data.seq = seq
  data.command_id = command_id
  data.at_ms = now_ms
  emitted[#emitted + 1] = entry_head .. epoch .. '-' .. int(seq) .. '","type":"' .. kind .. '","data":' .. cjson.encode(data) .. '}'
end

-- Writes: what was emitted goes into the log, its last entry with what is stored for its command, so that SQL knows it as well.
local function flush(stored)
  local count = #emitted
  if count == 0 then return end
  local before = seq - count
  for i, entry in ipairs(emitted) do
    if stored and i == count then -- guard: the last one of a command
      redis.call('XADD', TAG .. 'log', int(before + i) .. '-0', 'e', entry, 'o', stored)
    else
      redis.call('XADD', TAG .. 'log', int(before + i) .. '-0', 'e', entry)
    end
  end
  emitted = {}
end

-- Whether something has this id, although the outcome of the command that made it may be forgotten. Mirrors rules.taken.
local function taken(id)
  local same = redis.call('EXISTS', TAG .. 'hold:' .. id, TAG .. 'waiter:' .. id, TAG .. 'sale:' .. id, TAG .. 'lot:' .. id,
    TAG .. 'giveaway:' .. id)
  return same > 0 -- guard: ids used up
end

-- Writes: for snapshots, which show what comes first by `at_ms` and then by id. Mirrors rules.note_ended.
local function note_open(kind, id, at_ms)
  redis.call('ZADD', TAG .. 'open:' .. kind, int(at_ms), id)
end

local function note_ended(kind, id)
  redis.call('ZREM', TAG .. 'open:' .. kind, id)
  redis.call('LPUSH', TAG .. 'ended:' .. kind, id)
  redis.call('LTRIM', TAG .. 'ended:' .. kind, '0', int(ENDED_LAST))
end

-- Pools that this call has read, and those of them that it has changed: a batch on one hot SKU reads and writes its pool once.
-- Nobody else changes them meanwhile; dispatch.lua writes them at the end.
local pools, changed = {}, {}
local function load_pool(sku)
  local pool = pools[sku]
  if pool then return pool end
  local found = redis.call('HMGET', TAG .. 'pool:' .. sku, 'funded', 'held', 'sold', 'per_buyer_max')
  if not found[1] then return nil end -- guard: unknown pool
  pool = {
    sku = sku, funded = tonumber(found[1]), held = tonumber(found[2]), sold = tonumber(found[3]),
    per_buyer_max = tonumber(found[4]),
  }
  pool.available = pool.funded - pool.held - pool.sold
  rawset(pools, sku, pool)
  return pool
end

-- Writes: pools that were changed, and the place that the log has reached.
local function save()
  for sku, pool in pairs(changed) do
    redis.call('HSET', TAG .. 'pool:' .. sku, 'funded', int(pool.funded), 'held', int(pool.held), 'sold', int(pool.sold),
      'per_buyer_max', int(pool.per_buyer_max))
  end
  if seq ~= seq_before then redis.call('HSET', KEYS[1], 'seq', int(seq), 'last_ms', int(now_ms)) end -- saves: nothing happened
end

local function load_sale(sale_id)
  local found = redis.call('HMGET', TAG .. 'sale:' .. sale_id, 'state', 'starts_at_ms', 'ends_at_ms')
  return found[1] and {state = found[1], starts_at_ms = tonumber(found[2]), ends_at_ms = tonumber(found[3])}
end

local function load_offer(sale_id, sku)
  local found = redis.call('HMGET', TAG .. 'offer:' .. sale_id .. ':' .. sku, 'quantity_max', 'per_buyer_max', 'held', 'sold')
  if not found[1] then return nil end -- guard: not in the sale
  local offer = {per_buyer_max = tonumber(found[2]), held = tonumber(found[3]), sold = tonumber(found[4])}
  offer.quantity_max = tonumber(found[1])
  offer.available = offer.quantity_max - offer.held - offer.sold
  return offer
end

local freed = false
if redis.call('EXISTS', TAG .. 'freed') > 0 then freed = true end -- saves: what an earlier call had no room for

-- Writes: somebody may be next in line for this SKU.
local function look_at_line(sku)
  if redis.call('EXISTS', TAG .. 'firsts:' .. sku) > 0 then -- saves: nobody waits
    redis.call('ZADD', TAG .. 'freed', '0', sku)
    freed = true
  end
end

-- Writes: moves units of a line {sku, quantity, sale_id} and returns it as an event shows it, after the change. Mirrors rules.Moves.
local function move(line, funded, held, sold)
  local pool = load_pool(line.sku)
  pool.funded = pool.funded + funded
  pool.held = pool.held + held
  pool.sold = pool.sold + sold
  pool.available = pool.funded - pool.held - pool.sold
  changed[line.sku] = pool
  local moved = {sku = line.sku, quantity = line.quantity, held = pool.held, sold = pool.sold, available = pool.available}
  local sale_id = line.sale_id or ''
  if sale_id ~= '' then -- guard: at the price of a sale
    local offer = load_offer(sale_id, line.sku)
    offer.held = offer.held + held
    offer.sold = offer.sold + sold
    redis.call('HSET', TAG .. 'offer:' .. sale_id .. ':' .. line.sku, 'held', int(offer.held), 'sold', int(offer.sold))
    moved.sale = {sale_id = sale_id, held = offer.held, sold = offer.sold}
    moved.sale.available = offer.quantity_max - offer.held - offer.sold
  end
  if funded > held + sold then look_at_line(line.sku) end -- saves: nothing became free
  return moved
end

-- Writes: adds to a counter that is not kept when it is zero.
local function count(key, field, change)
  if redis.call('HINCRBY', key, field, int(change)) == 0 then redis.call('HDEL', key, field) end -- guard: no zeros
end

-- Writes: what the buyer has more (1) or less (-1) of. Mirrors rules.stock._count.
local function count_hold(hold, times)
  if hold.counts ~= false then -- guard: won, not bought
    for _, line in ipairs(hold.lines) do
      count(TAG .. 'bought:' .. line.sku, hold.buyer_id, times * line.quantity)
      if (line.sale_id or '') ~= '' then -- guard: in a sale
        count(TAG .. 'insale:' .. line.sale_id .. ':' .. line.sku, hold.buyer_id, times * line.quantity)
      end
    end
  end
  if (hold.coupon or '') ~= '' then -- guard: with a coupon
    redis.call('HINCRBY', TAG .. 'coupon:' .. hold.coupon, 'used', int(times))
    count(TAG .. 'uses:' .. hold.coupon, hold.buyer_id, times)
  end
end

local function load_hold(hold_id)
  local found = redis.call('GET', TAG .. 'hold:' .. hold_id)
  return found and cjson.decode(found)
end

local function save_hold(hold_id, hold)
  redis.call('SET', TAG .. 'hold:' .. hold_id, cjson.encode(hold))
end

-- Writes: a hold {buyer_id, lines, expires_at_ms, coupon} begins. Mirrors rules.held and rules.apply_held.
local function begin_hold(hold_id, hold, waited)
  local lines = {}
  for i, line in ipairs(hold.lines) do
    lines[i] = move(line, 0, line.quantity, 0)
  end
  hold.state = 'held'
  hold.extensions = 0
  count_hold(hold, 1)
  save_hold(hold_id, hold)
  redis.call('ZADD', TAG .. 'due', int(hold.expires_at_ms), 'hold:' .. hold_id)
  emit('ledger.stock_held.v1', hold_id, {
    hold_id = hold_id, buyer_id = hold.buyer_id, expires_at_ms = hold.expires_at_ms, lines = lines, coupon = hold.coupon,
    waited = waited,
  })
  return {outcome = 'held', hold_id = hold_id, expires_at_ms = hold.expires_at_ms, seq = seq}
end

-- Writes: a hold becomes `state`; of every unit so many are held and sold after it. Returns the lines of the event. Mirrors
-- rules.end and rules.apply_end.
local function settle_hold(hold_id, hold, state, held, sold)
  local lines = {}
  for i, line in ipairs(hold.lines) do
    lines[i] = move(line, 0, held * line.quantity, sold * line.quantity)
  end
  if state ~= 'committed' then count_hold(hold, -1) end -- guard: sold or given back
  redis.call('ZREM', TAG .. 'due', 'hold:' .. hold_id)
  hold.state = state
  save_hold(hold_id, hold)
  if state ~= 'committed' then redis.call('PEXPIRE', TAG .. 'hold:' .. hold_id, KEEP_MS) end -- guard: what is sold stays known
  return lines
end

-- Writes: ends a hold, which is known, and tells it.
local function end_hold(hold_id, hold, state, command_id)
  local lines
  if state == 'committed' then -- guard: sold
    lines = settle_hold(hold_id, hold, state, -1, 1)
  elseif state == 'restocked' then -- guard: was sold
    lines = settle_hold(hold_id, hold, state, 0, -1)
  else
    lines = settle_hold(hold_id, hold, state, -1, 0)
  end
  emit('ledger.hold_' .. state .. '.v1', command_id, {hold_id = hold_id, buyer_id = hold.buyer_id, lines = lines})
end

endings.hold = function(hold_id)
  end_hold(hold_id, load_hold(hold_id), 'expired', hold_id)
end

-- Mirrors rules._gone: refuses a command on a hold that is not open, and ends one that is overdue.
local function gone(hold_id, hold)
  if not hold then return {outcome = 'hold_gone', state = 'unknown'} end -- guard: unknown hold
  if hold.state == 'held' then -- guard: overdue
    endings.hold(hold_id)
    return {outcome = 'hold_gone', state = 'expired'}
  end
  return {outcome = 'hold_gone', state = hold.state}
end

-- Why the buyer cannot have these lines, each SKU of each sale once; nil when they can. Mirrors rules.refusal.
local function hold_refusal(buyer_id, lines)
  local wanted = {}
  for _, line in ipairs(lines) do
    local sku, quantity, sale_id = line.sku, line.quantity, line.sale_id or ''
    local pool = load_pool(sku)
    if not pool then -- guard: not sold here
      return {outcome = 'unknown_sku', sku = sku}
    end
    wanted[sku] = (wanted[sku] or 0) + quantity
    local free = pool.available
    if sale_id ~= '' then -- guard: at the price of a sale
      local sale = load_sale(sale_id)
      if not sale then -- guard: no such sale
        return {outcome = 'sale_not_open', sale_id = sale_id, state = 'unknown'}
      end
      if sale.state == 'over' or sale.ends_at_ms <= now_ms then -- guard: end of the sale
        return {outcome = 'sale_not_open', sale_id = sale_id, state = 'over'}
      end
      if now_ms < sale.starts_at_ms then -- guard: start of the sale
        return {outcome = 'sale_not_open', sale_id = sale_id, state = 'announced', starts_at_ms = sale.starts_at_ms}
      end
      local offer = load_offer(sale_id, sku)
      if not offer then -- guard: not in the sale
        return {outcome = 'unknown_sku', sku = sku}
      end
      local in_sale = tonumber(redis.call('HGET', TAG .. 'insale:' .. sale_id .. ':' .. sku, buyer_id) or '0')
      if in_sale + quantity > offer.per_buyer_max then -- guard: per buyer in the sale
        return {outcome = 'limit_reached', sku = sku, per_buyer_max = offer.per_buyer_max}
      end
      free = math.min(free, offer.available) -- guard: stock of the sale
    end
    local bought = tonumber(redis.call('HGET', TAG .. 'bought:' .. sku, buyer_id) or '0')
    if bought + wanted[sku] > pool.per_buyer_max then -- guard: per buyer
      return {outcome = 'limit_reached', sku = sku, per_buyer_max = pool.per_buyer_max}
    end
    if quantity > free or wanted[sku] > pool.available then -- guard: stock
      return {outcome = 'sold_out', sku = sku, available = free}
    end
  end
end
