#!/bin/sh
# Installs Shardmill from a source folder into a prefix: copies, installs what the lockfile names, builds, and drops
# what only building needs. Needs Node >= 20.19 and npm; no root.   scripts/install.sh SOURCE PREFIX
set -eu
source=${1:?the folder of the source}
prefix=${2:?the folder to install into}
mkdir -p "$prefix"
for name in package.json package-lock.json .npmrc tsconfig.json tsconfig.base.json packages workers apps config scripts; do
  cp -R "$source/$name" "$prefix/"
done
# What was built elsewhere is made anew.
find "$prefix/packages" "$prefix/workers" "$prefix/apps" \( -name node_modules -o -name dist \) -type d -prune -exec rm -rf {} +
cd "$prefix"
npm ci --no-audit --no-fund --loglevel=error
node scripts/build.mjs
npm prune --omit=dev --no-audit --no-fund --loglevel=error
node apps/cli/bin/shardmill.js --version
