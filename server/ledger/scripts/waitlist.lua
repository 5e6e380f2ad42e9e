-- wait: command_id (also the wait's and later the hold's id), buyer_id, line {sku, quantity, sale_id}, hold_ms
--   -> held | waiting | line_full | unknown_sku | sale_not_open | limit_reached | idempotency_conflict
-- leave: command_id, wait_id -> left
-- serve: no arguments; after everything that may have freed units, at most SERVES_MAX times per call.
-- Mirrors rules/waitlist.py; tests/ledger/test_agreement.py, test_mutations.py.

local function queue_key(wish, sku)
  return TAG .. 'queue:' .. wish .. '|' .. sku
end

operations.wait = function(command)
  local line, sku = command.line, command.line.sku
  if taken(command.command_id) then -- guard: the id is used up although its outcome is forgotten
    return {outcome = 'idempotency_conflict'}
  end
  local refused = hold_refusal(command.buyer_id, {line})
  if not refused then -- guard: enough now
    return begin_hold(command.command_id, {
      buyer_id = command.buyer_id, lines = {line}, expires_at_ms = now_ms + command.hold_ms, coupon = '',
    }, false)
  end
  if refused.outcome ~= 'sold_out' then return refused end -- guard: waiting would not help
  local wish = int(line.quantity) .. '|' .. (line.sale_id or '')
  local wishes = redis.call('ZRANGE', TAG .. 'firsts:' .. sku, 0, -1)
  local waiting, another = 0, true
  for _, other in ipairs(wishes) do
    waiting = waiting + redis.call('ZCARD', queue_key(other, sku))
    if other == wish then another = false end -- guard: the same wish
  end
  if waiting >= WAITING_MAX or (another and #wishes >= WISHES_MAX) then -- guard: line full
    return {outcome = 'line_full'}
  end

  emit('ledger.wait_joined.v1', command.command_id, {
    wait_id = command.command_id, buyer_id = command.buyer_id, sku = sku, quantity = line.quantity,
    sale_id = line.sale_id or '', hold_ms = command.hold_ms,
  })
  redis.call('SET', TAG .. 'waiter:' .. command.command_id, cjson.encode({
    buyer_id = command.buyer_id, sku = sku, quantity = line.quantity, sale_id = line.sale_id or '', hold_ms = command.hold_ms,
    seq = seq,
  }))
  redis.call('ZADD', queue_key(wish, sku), int(seq), command.command_id)
  if another then redis.call('ZADD', TAG .. 'firsts:' .. sku, int(seq), wish) end -- guard: the first of its wish
  return {outcome = 'waiting', place = waiting + 1}
end

-- Writes: takes somebody out of the line.
local function unqueue(wait_id, waiter)
  local wish = int(waiter.quantity) .. '|' .. waiter.sale_id
  local queue = queue_key(wish, waiter.sku)
  redis.call('ZREM', queue, wait_id)
  redis.call('DEL', TAG .. 'waiter:' .. wait_id)
  local first = redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')
  if first[1] then -- guard: somebody else has this wish
    redis.call('ZADD', TAG .. 'firsts:' .. waiter.sku, first[2], wish)
  else
    redis.call('ZREM', TAG .. 'firsts:' .. waiter.sku, wish)
  end
end

local function load_waiter(wait_id)
  local found = redis.call('GET', TAG .. 'waiter:' .. wait_id)
  return found and cjson.decode(found)
end

operations.leave = function(command)
  local waiter = load_waiter(command.wait_id)
  if waiter then -- guard: in line
    unqueue(command.wait_id, waiter)
    emit('ledger.wait_left.v1', command.command_id, {wait_id = command.wait_id})
  end
  return {outcome = 'left'}
end

-- Writes: sends somebody out of the line, because they cannot be served any more.
local function send_away(wait_id, waiter)
  unqueue(wait_id, waiter)
  emit('ledger.wait_left.v1', wait_id, {wait_id = wait_id})
end

-- Writes: serves the first of a wish or sends them away; false when neither. Mirrors rules.waitlist._attend.
local function attend(wish, sku)
  local wait_id = redis.call('ZRANGE', queue_key(wish, sku), 0, 0)[1]
  local waiter = load_waiter(wait_id)
  local free = load_pool(sku).available
  if waiter.sale_id ~= '' then -- guard: at the price of a sale
    local sale = load_sale(waiter.sale_id)
    if sale.state == 'over' then -- guard: the sale is over
      send_away(wait_id, waiter)
      return true
    end
    if sale.ends_at_ms <= now_ms then return false end -- guard: it will be
    free = math.min(free, load_offer(waiter.sale_id, sku).available) -- guard: stock of the sale
  end
  if waiter.quantity > free then return false end -- guard: does not fit
  local line = {sku = sku, quantity = waiter.quantity, sale_id = waiter.sale_id}
  if hold_refusal(waiter.buyer_id, {line}) then -- guard: it fits, so they have bought since
    send_away(wait_id, waiter)
    return true
  end
  unqueue(wait_id, waiter)
  begin_hold(wait_id, {buyer_id = waiter.buyer_id, lines = {line}, expires_at_ms = now_ms + waiter.hold_ms, coupon = ''}, true)
  return true
end

local served = 0
local function serve()
  for _ = 1, LOOKS_MAX do
    if not freed or served >= SERVES_MAX then return end -- guard: nothing to do, or enough for one call
    local sku = redis.call('ZRANGE', TAG .. 'freed', 0, 0)[1]
    local done = false
    for _, wish in ipairs(sku and redis.call('ZRANGE', TAG .. 'firsts:' .. sku, 0, -1) or {}) do
      done = attend(wish, sku)
      if done then break end -- guard: one by one
    end
    if done then -- guard: the same SKU again
      served = served + 1
      flush()
    elseif sku then -- guard: the next SKU
      redis.call('ZREM', TAG .. 'freed', sku)
    else
      freed = false
    end
  end
end
