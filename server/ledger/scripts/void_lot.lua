-- void_lot: command_id, lot_id, reason, force -> lot_voided | unknown_lot | lot_over (unsold) | lot_has_bids | lot_settled
-- Mirrors rules.lots.void_lot; tests/ledger/test_agreement.py, test_mutations.py.
operations.void_lot = function(command)
  local lot_id = command.lot_id
  local lot = current_lot(lot_id)
  if not lot then -- guard: lot to void
    return {outcome = 'unknown_lot'}
  end
  if lot.state == 'void' then -- guard: void before
    return {outcome = 'lot_voided'}
  end
  if lot.state == 'unsold' then -- guard: nothing to take back
    return {outcome = 'lot_over', state = 'unsold'}
  end
  if lot.bids > 0 and not command.force then -- guard: bids bind the host
    return {outcome = 'lot_has_bids'}
  end
  local has_units, hold = lot_units(lot)
  if hold and hold.state == 'committed' then -- guard: paid
    return {outcome = 'lot_settled'}
  end

  local units = has_units and lot.terms.quantity or 0 -- guard: units of a void lot
  local line = move({sku = lot.terms.sku, quantity = units}, 0, -units, 0)
  end_lot_hold(lot, hold)
  end_lot(lot_id, lot, 'void')
  emit('ledger.lot_taken_back.v1', command.command_id, {lot_id = lot_id, reason = command.reason, lines = {line}})
  return {outcome = 'lot_voided'}
end
