-- release: command_id, hold_id -> released | hold_gone
-- Mirrors rules.stock.release; tests/ledger/test_agreement.py, test_mutations.py.
operations.release = function(command)
  local hold = load_hold(command.hold_id)
  if hold and hold.state == 'released' then -- guard: released before
    return {outcome = 'released'}
  end
  if not hold or hold.state ~= 'held' or hold.expires_at_ms <= now_ms then -- guard: open hold to release
    return gone(command.hold_id, hold)
  end

  end_hold(command.hold_id, hold, 'released', command.command_id)
  return {outcome = 'released'}
end
