-- extend: command_id, hold_id, hold_ms (from now) -> extended | hold_gone
-- Mirrors rules.stock.extend; tests/ledger/test_agreement.py, test_mutations.py.
operations.extend = function(command)
  local hold = load_hold(command.hold_id)
  if not hold or hold.state ~= 'held' or hold.expires_at_ms <= now_ms then -- guard: open hold to extend
    return gone(command.hold_id, hold)
  end
  local expires_at_ms = now_ms + command.hold_ms
  if hold.extensions >= EXTENSIONS_MAX then -- guard: once
    return {outcome = 'extended', expires_at_ms = hold.expires_at_ms}
  end
  if expires_at_ms <= hold.expires_at_ms then -- guard: never shorter
    return {outcome = 'extended', expires_at_ms = hold.expires_at_ms}
  end

  hold.expires_at_ms = expires_at_ms
  hold.extensions = hold.extensions + 1
  save_hold(command.hold_id, hold)
  redis.call('ZADD', TAG .. 'due', int(expires_at_ms), 'hold:' .. command.hold_id)
  emit('ledger.hold_extended.v1', command.command_id, {hold_id = command.hold_id, expires_at_ms = expires_at_ms})
  return {outcome = 'extended', expires_at_ms = expires_at_ms}
end
