-- open_coupon: command_id, code, uses_max, per_buyer_max -> opened. Opened again, it has the new limits; what was used counts.
-- close_coupon: command_id, code -> coupon_closed
-- Mirrors rules/coupons.py; tests/ledger/test_agreement.py, test_mutations.py.

-- Why the buyer cannot use the code ('' = no coupon), or nil.
local function coupon_refusal(code, buyer_id)
  if code == '' then return nil end -- guard: no coupon
  local found = redis.call('HMGET', TAG .. 'coupon:' .. code, 'state', 'uses_max', 'per_buyer_max', 'used')
  local reason
  if not found[1] then -- guard: no such coupon
    reason = 'unknown'
  elseif found[1] == 'shut' then -- guard: takes no more
    reason = 'closed'
  elseif tonumber(found[4]) >= tonumber(found[2]) then -- guard: uses in total
    reason = 'used_up'
  elseif tonumber(redis.call('HGET', TAG .. 'uses:' .. code, buyer_id) or '0') >= tonumber(found[3]) then -- guard: uses per buyer
    reason = 'used_by_you'
  end
  return reason and {outcome = 'coupon_refused', code = code, reason = reason}
end

operations.open_coupon = function(command)
  local key = TAG .. 'coupon:' .. command.code
  redis.call('HSET', key, 'state', 'open', 'uses_max', int(command.uses_max), 'per_buyer_max', int(command.per_buyer_max))
  redis.call('HINCRBY', key, 'used', '0')
  note_open('coupon', command.code, 0)
  emit('ledger.coupon_opened.v1', command.command_id, {
    code = command.code, uses_max = command.uses_max, per_buyer_max = command.per_buyer_max,
  })
  return {outcome = 'opened', starts_at_ms = 0, ends_at_ms = 0}
end

operations.close_coupon = function(command)
  local key = TAG .. 'coupon:' .. command.code
  if redis.call('HGET', key, 'state') == 'open' then -- guard: open coupon
    redis.call('HSET', key, 'state', 'shut')
    redis.call('ZREM', TAG .. 'open:coupon', command.code)
    emit('ledger.coupon_shut.v1', command.command_id, {code = command.code})
  end
  return {outcome = 'coupon_closed'}
end
