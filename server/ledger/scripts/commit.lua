-- commit: command_id, hold_id -> committed | hold_gone
-- Mirrors rules.stock.commit; tests/ledger/test_agreement.py, test_mutations.py.
operations.commit = function(command)
  local hold = load_hold(command.hold_id)
  if hold and hold.state == 'committed' then -- guard: committed before
    return {outcome = 'committed'}
  end
  if not hold or hold.state ~= 'held' or hold.expires_at_ms <= now_ms then -- guard: open hold to commit
    return gone(command.hold_id, hold)
  end

  end_hold(command.hold_id, hold, 'committed', command.command_id)
  return {outcome = 'committed'}
end
