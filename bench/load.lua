-- The requests for wrk: method, path, and a file of cookies, one a line. The cookies take turns.

local requests = {}
local turn = 0

function init(args)
  local method, path, cookies = args[1], args[2], args[3]
  for cookie in io.lines(cookies) do
    requests[#requests + 1] = wrk.format(method, path, { Cookie = cookie })
  end
  if #requests == 0 then
    requests[1] = wrk.format(method, path)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
