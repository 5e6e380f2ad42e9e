-- hold: command_id (also the hold's id), buyer_id, lines [{sku, quantity}], hold_ms
--   -> held | unknown_sku | limit_reached | sold_out | idempotency_conflict
-- Every line or none; demand is summed per SKU before it is checked.
-- Mirrors rules._hold and rules.demand; tests/ledger/test_agreement.py, test_mutations.py.
operations.hold = function(command)
  if load_hold(command.command_id) then -- guard: the id is used up although its outcome is forgotten
    return {outcome = 'idempotency_conflict'}
  end
  local lines, by_sku = {}, {}
  for _, line in ipairs(command.lines) do
    local same = by_sku[line.sku]
    if same then -- guard: two lines of one SKU
      same.quantity = same.quantity + line.quantity
    else
      by_sku[line.sku] = line
      lines[#lines + 1] = line
    end
  end
  local pools = {}
  for i, line in ipairs(lines) do
    local pool = load_pool(line.sku)
    if not pool then -- guard: not sold here
      return {outcome = 'unknown_sku', sku = line.sku}
    end
    local bought = tonumber(redis.call('HGET', TAG .. 'bought:' .. line.sku, command.buyer_id) or '0')
    if bought + line.quantity > pool.per_buyer_max then -- guard: per buyer
      return {outcome = 'limit_reached', sku = line.sku, per_buyer_max = pool.per_buyer_max}
    end
    if line.quantity > pool.available then -- guard: stock
      return {outcome = 'sold_out', sku = line.sku, available = pool.available}
    end
    pools[i] = pool
  end

  local expires_at_ms = now_ms + command.hold_ms
  local states = {}
  for i, line in ipairs(lines) do
    states[i] = move(pools[i], line, 0, line.quantity, 0)
    redis.call('HINCRBY', TAG .. 'bought:' .. line.sku, command.buyer_id, int(line.quantity))
  end
  local hold = {buyer_id = command.buyer_id, lines = lines, expires_at_ms = expires_at_ms, state = 'held', extensions = 0}
  redis.call('SET', TAG .. 'hold:' .. command.command_id, cjson.encode(hold))
  redis.call('ZADD', TAG .. 'due', int(expires_at_ms), command.command_id)
  emit('ledger.stock_held.v1', command.command_id, {
    hold_id = command.command_id, buyer_id = command.buyer_id, expires_at_ms = expires_at_ms, lines = states,
  })
  return {outcome = 'held', hold_id = command.command_id, expires_at_ms = expires_at_ms, seq = seq}
end
