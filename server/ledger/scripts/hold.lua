-- hold: command_id (also the hold's id), buyer_id, lines [{sku, quantity, sale_id}], hold_ms, coupon
--   -> held | unknown_sku | sale_not_open | limit_reached | sold_out | coupon_refused | idempotency_conflict
-- Every line or none; demand is summed per SKU and sale before it is checked.
-- Mirrors rules.stock.hold and rules.demand; tests/ledger/test_agreement.py, test_mutations.py.
operations.hold = function(command)
  if taken(command.command_id) then -- guard: the id is used up although its outcome is forgotten
    return {outcome = 'idempotency_conflict'}
  end
  local lines, by_sku = {}, {}
  for _, line in ipairs(command.lines) do
    local name = (line.sale_id or '') .. '|' .. line.sku
    local same = by_sku[name]
    if same then -- guard: two lines of one SKU
      same.quantity = same.quantity + line.quantity
    else
      by_sku[name] = line
      lines[#lines + 1] = line
    end
  end
  local refused = hold_refusal(command.buyer_id, lines) or coupon_refusal(command.coupon or '', command.buyer_id)
  if refused then return refused end -- guard: all or none

  return begin_hold(command.command_id, {
    buyer_id = command.buyer_id, lines = lines, expires_at_ms = now_ms + command.hold_ms, coupon = command.coupon,
  })
end
