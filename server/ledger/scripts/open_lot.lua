-- open_lot: command_id (also the lot's id), terms, starts_in_ms, lasts_ms
--   -> opened | unknown_sku | sold_out | idempotency_conflict
-- Its units leave the pool now. A lot that starts at once is started here.
-- Mirrors rules.lots.open_lot; tests/ledger/test_agreement.py, test_mutations.py.
operations.open_lot = function(command)
  local terms, lot_id = command.terms, command.command_id
  if taken(lot_id) then -- guard: the id is used up
    return {outcome = 'idempotency_conflict'}
  end
  local pool = load_pool(terms.sku)
  if not pool then -- guard: no such pool for a lot
    return {outcome = 'unknown_sku', sku = terms.sku}
  end
  if terms.quantity > pool.available then -- guard: stock of a lot
    return {outcome = 'sold_out', sku = terms.sku, available = pool.available}
  end

  local starts_at_ms = now_ms + command.starts_in_ms
  local ends_at_ms = starts_at_ms + command.lasts_ms
  local hard_ends_at_ms = ends_at_ms + terms.extension_max_ms
  local line = move({sku = terms.sku, quantity = terms.quantity}, 0, terms.quantity, 0)
  local key = TAG .. 'lot:' .. lot_id
  redis.call('HSET', key, 'terms', cjson.encode(terms), 'starts_at_ms', int(starts_at_ms), 'ends_at_ms', int(ends_at_ms))
  redis.call('HSET', key, 'hard_ends_at_ms', int(hard_ends_at_ms), 'state', 'announced', 'hold_id', '')
  redis.call('HSET', key, 'price_minor', '0', 'leader_id', '', 'leader_max_minor', '0', 'bids', '0')
  redis.call('ZADD', TAG .. 'due', int(starts_at_ms), 'lot:' .. lot_id)
  note_open('lot', lot_id, starts_at_ms)
  emit('ledger.lot_opened.v1', lot_id, {
    lot_id = lot_id, terms = terms, starts_at_ms = starts_at_ms, ends_at_ms = ends_at_ms, hard_ends_at_ms = hard_ends_at_ms,
    lines = {line},
  })
  current_lot(lot_id)
  return {outcome = 'opened', starts_at_ms = starts_at_ms, ends_at_ms = ends_at_ms}
end
