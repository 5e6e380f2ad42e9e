-- fund: command_id, sku, quantity (negative takes free units out), per_buyer_max -> funded | unknown_sku | sold_out
-- Mirrors rules.stock.fund; tests/ledger/test_agreement.py, test_mutations.py.
operations.fund = function(command)
  local pool = load_pool(command.sku)
  if not pool and command.quantity < 0 then -- guard: nothing to take
    return {outcome = 'unknown_sku', sku = command.sku}
  end
  pool = pool or {sku = command.sku, funded = 0, held = 0, sold = 0, available = 0}
  if pool.available + command.quantity < 0 then -- guard: only free units leave
    return {outcome = 'sold_out', sku = command.sku, available = pool.available}
  end

  rawset(pools, command.sku, pool)
  pool.per_buyer_max = command.per_buyer_max
  local line = move(command, command.quantity, 0, 0)
  redis.call('SADD', TAG .. 'skus', command.sku)
  emit('ledger.stock_funded.v1', command.command_id, {lines = {line}, per_buyer_max = command.per_buyer_max})
  return {outcome = 'funded'}
end
