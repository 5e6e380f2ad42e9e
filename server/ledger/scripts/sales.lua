-- open_sale: command_id (also the sale's id), items [{sku, quantity_max, per_buyer_max, price_minor}], currency, starts_in_ms,
--   lasts_ms -> opened | unknown_sku | idempotency_conflict
-- close_sale: command_id, sale_id -> sale_closed | sale_not_open
-- Mirrors rules/sales.py; tests/ledger/test_agreement.py, test_mutations.py.

-- Writes: ends a sale that is open. Who waits for it must leave the line.
local function end_sale(sale_id, command_id, reason)
  redis.call('HSET', TAG .. 'sale:' .. sale_id, 'state', 'over')
  redis.call('ZREM', TAG .. 'due', 'sale:' .. sale_id)
  note_ended('sale', sale_id)
  for _, sku in ipairs(cjson.decode(redis.call('HGET', TAG .. 'sale:' .. sale_id, 'skus'))) do
    look_at_line(sku)
  end
  emit('ledger.sale_ended.v1', command_id, {sale_id = sale_id, reason = reason})
end

endings.sale = function(sale_id)
  end_sale(sale_id, sale_id, 'time')
end

operations.open_sale = function(command)
  if taken(command.command_id) then -- guard: the id is used up although its outcome is forgotten
    return {outcome = 'idempotency_conflict'}
  end
  local skus = {}
  for i, item in ipairs(command.items) do
    if not load_pool(item.sku) then -- guard: not sold here
      return {outcome = 'unknown_sku', sku = item.sku}
    end
    skus[i] = item.sku
  end

  local sale_id = command.command_id
  local starts_at_ms = now_ms + command.starts_in_ms
  local ends_at_ms = starts_at_ms + command.lasts_ms
  redis.call('HSET', TAG .. 'sale:' .. sale_id, 'state', 'open', 'currency', command.currency,
    'starts_at_ms', int(starts_at_ms), 'ends_at_ms', int(ends_at_ms), 'skus', cjson.encode(skus))
  for _, item in ipairs(command.items) do
    redis.call('HSET', TAG .. 'offer:' .. sale_id .. ':' .. item.sku, 'quantity_max', int(item.quantity_max),
      'per_buyer_max', int(item.per_buyer_max), 'price_minor', int(item.price_minor), 'held', '0', 'sold', '0')
  end
  redis.call('ZADD', TAG .. 'due', int(ends_at_ms), 'sale:' .. sale_id)
  note_open('sale', sale_id, 0)
  emit('ledger.sale_opened.v1', sale_id, {
    sale_id = sale_id, currency = command.currency, items = command.items, starts_at_ms = starts_at_ms, ends_at_ms = ends_at_ms,
  })
  return {outcome = 'opened', starts_at_ms = starts_at_ms, ends_at_ms = ends_at_ms}
end

operations.close_sale = function(command)
  local sale = load_sale(command.sale_id)
  if not sale then -- guard: no such sale
    return {outcome = 'sale_not_open', sale_id = command.sale_id, state = 'unknown'}
  end
  if sale.state == 'open' then -- guard: ended before
    if sale.ends_at_ms <= now_ms then -- guard: its time was over
      endings.sale(command.sale_id)
    else
      end_sale(command.sale_id, command.command_id, 'host')
    end
  end
  return {outcome = 'sale_closed'}
end
