-- /etc/opendkim/own-name.lua: a message that a mail program sends has one From, and in it the address that logged in and no other. Postfix sees
-- to the same for the envelope. The webmail's server logs in as `envelock`, sees to it by itself, and has signed already.
local login = odkim.get_mtasymbol(ctx, "{auth_authen}")
if login == "envelock" then
  return nil
end

local from = odkim.get_header(ctx, "From", 0)
local address = nil
if login ~= nil and from ~= nil and odkim.get_header(ctx, "From", 1) == nil then
  -- `anna@example.org` or `Name <anna@example.org>`. What is not as plain is not taken for anybody's.
  address = string.match(from, '^%s*([^%s<>",;:()]+@[^%s<>",;:()]+)%s*$')
  if address == nil then
    local name, inside = string.match(from, '^(.-)<([^%s<>",;:()]+@[^%s<>",;:()]+)>%s*$')
    -- A quoted name may have any sign in it, another one none that could make it a second address.
    if name ~= nil and (string.match(string.gsub(name, '\\.', ''), '^%s*"[^"\\]*"%s*$') or not string.match(name, '[<>",;:()@\\]')) then
      address = inside
    end
  end
end
if address == nil or string.lower(address) ~= string.lower(login) then
  odkim.set_result(ctx, SMFIS_REJECT)
else
  odkim.sign(ctx)
end
return nil
