-- sweep: no arguments -> number of things that ended or began. Runs at the head of every call, so that units of an overdue hold are
-- free for the very next buyer, whether or not a sweeper came by. At most SWEEP_MAX, so that the call stays short; an overdue hold
-- that is left over ends when a command touches it.
-- Mirrors rules.overdue and rules.end; tests/ledger/test_agreement.py, test_mutations.py.
local function sweep()
  local due = redis.call('ZRANGE', TAG .. 'due', '-inf', int(now_ms), 'BYSCORE', 'LIMIT', '0', int(SWEEP_MAX)) -- guard: due
  for _, thing in ipairs(due) do
    local kind, id = string.match(thing, '^(%a+):(.*)$')
    endings[kind](id)
    flush()
  end
  return #due
end
