-- sweep: no arguments -> number of holds that ended. Runs at the head of every call, so that units of an overdue hold are free
-- for the very next buyer, whether or not a sweeper came by. At most SWEEP_MAX, so that the call stays short; an overdue hold
-- that is left over ends when a command touches it.
-- Mirrors rules.overdue and rules.expire; tests/ledger/test_agreement.py, test_mutations.py.
local function sweep()
  local due = redis.call('ZRANGE', TAG .. 'due', '-inf', int(now_ms), 'BYSCORE', 'LIMIT', '0', int(SWEEP_MAX)) -- guard: due
  for _, hold_id in ipairs(due) do
    end_hold(hold_id, load_hold(hold_id), 'expired', hold_id)
  end
  return #due
end
