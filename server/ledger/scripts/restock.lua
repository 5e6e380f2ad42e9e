-- restock: command_id, hold_id -> restocked | hold_gone
-- Mirrors rules.stock.restock; tests/ledger/test_agreement.py, test_mutations.py.
operations.restock = function(command)
  local hold = load_hold(command.hold_id)
  if hold and hold.state == 'restocked' then -- guard: restocked before
    return {outcome = 'restocked'}
  end
  if hold and hold.state == 'held' and hold.expires_at_ms > now_ms then -- guard: not sold yet
    return {outcome = 'hold_gone', state = 'held'}
  end
  if not hold or hold.state ~= 'committed' then -- guard: sold
    return gone(command.hold_id, hold)
  end

  end_hold(command.hold_id, hold, 'restocked', command.command_id)
  return {outcome = 'restocked'}
end
