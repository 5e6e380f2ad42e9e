return '{' .. table.concat(sections, ',') .. '}'
