#!/usr/bin/env bash
# Copies Swagger UI and ReDoc into a folder of the built site, compressed as well: `scripts/api-docs.sh target/site/api-docs`.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
to=$1
from=$NPM_TOOLS_DIR/node_modules
mkdir -p "$to"
cp "$from/swagger-ui-dist/swagger-ui.css" "$from/swagger-ui-dist/swagger-ui-bundle.js" \
    "$ROOT"/app/js/api-docs/*.js "$ROOT"/app/js/api-docs/*.css "$to/"
# ReDoc's mark at the end of its menu comes from its makers' host: ours stands there, the words and the link to them stay.
sed 's#https://cdn.redoc.ly/redoc/logo-mini.svg#/favicon.svg#g' "$from/redoc/bundles/redoc.standalone.js" >"$to/redoc.standalone.js"
cp "$from/swagger-ui-dist/LICENSE" "$to/swagger-ui.LICENSE.txt"
cp "$from/redoc/LICENSE" "$to/redoc.LICENSE.txt"
node -e '
const fs = require("fs"), zlib = require("zlib"), path = require("path");
for (const name of fs.readdirSync(process.argv[1]).filter((name) => /\.(js|css)$/.test(name))) {
    const file = path.join(process.argv[1], name), bytes = fs.readFileSync(file);
    fs.writeFileSync(file + ".br", zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 9 } }));
    fs.writeFileSync(file + ".gz", zlib.gzipSync(bytes, { level: 9 }));
}' "$to"
