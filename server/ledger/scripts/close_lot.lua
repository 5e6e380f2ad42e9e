-- close_lot: command_id, lot_id -> lot_closed | unknown_lot | lot_not_over | lot_over (void)
-- Writes nothing but what time asks of the lot anyway.
-- Mirrors rules.lots.close_lot; tests/ledger/test_agreement.py, test_mutations.py.
operations.close_lot = function(command)
  local lot = current_lot(command.lot_id)
  if not lot then -- guard: lot to close
    return {outcome = 'unknown_lot'}
  end
  if lot.state == 'announced' or lot.state == 'open' then -- guard: lot to close goes on
    return {outcome = 'lot_not_over', ends_at_ms = lot.ends_at_ms}
  end
  if lot.state == 'sold' then -- guard: closed with a winner
    return {outcome = 'lot_closed', state = 'sold', winner_id = lot.leader_id, price_minor = lot.price_minor}
  end
  if lot.state == 'unsold' then -- guard: closed without a winner
    return {outcome = 'lot_closed', state = 'unsold', winner_id = '', price_minor = 0}
  end
  return {outcome = 'lot_over', state = 'void'}
end
