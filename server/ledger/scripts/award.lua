-- award: command_id (also the new hold's id), lot_id, buyer_id, price_minor, hold_ms
--   -> held | unknown_lot | lot_not_over | lot_over (unsold, void) | lot_settled | idempotency_conflict | sold_out
-- With the units of the hold before while that is open, else with free ones.
-- Mirrors rules.lots.award; tests/ledger/test_agreement.py, test_mutations.py.
operations.award = function(command)
  local lot_id, hold_id = command.lot_id, command.command_id
  local lot = current_lot(lot_id)
  if not lot then -- guard: lot to award
    return {outcome = 'unknown_lot'}
  end
  if lot.state == 'announced' or lot.state == 'open' then -- guard: lot to award goes on
    return {outcome = 'lot_not_over', ends_at_ms = lot.ends_at_ms}
  end
  if lot.state ~= 'sold' then -- guard: nothing to award
    return {outcome = 'lot_over', state = lot.state}
  end
  local has_units, hold = lot_units(lot)
  if hold and hold.state == 'committed' then -- guard: paid by the winner
    return {outcome = 'lot_settled'}
  end
  if taken(hold_id) then -- guard: the id of the award is used up
    return {outcome = 'idempotency_conflict'}
  end
  local terms = lot.terms
  local pool = load_pool(terms.sku)
  local needed = has_units and 0 or terms.quantity -- guard: units of an award
  if needed > pool.available then -- guard: stock of an award
    return {outcome = 'sold_out', sku = terms.sku, available = pool.available}
  end

  local expires_at_ms = now_ms + command.hold_ms
  local line = move({sku = terms.sku, quantity = terms.quantity}, 0, needed, 0)
  end_lot_hold(lot, hold)
  change_lot(lot_id, lot)
  hold_lot(lot, hold_id, command.buyer_id, expires_at_ms)
  emit('ledger.lot_awarded.v1', hold_id, {
    lot_id = lot_id, hold_id = hold_id, buyer_id = command.buyer_id, price_minor = command.price_minor,
    expires_at_ms = expires_at_ms, lines = {line},
  })
  return {outcome = 'held', hold_id = hold_id, expires_at_ms = expires_at_ms, seq = seq}
end
