FROM node:22-bookworm-slim

# One script installs and builds, here and wherever else Shardmill is put: scripts/install.sh.
COPY . /src
RUN /src/scripts/install.sh /src /opt/shardmill && rm -rf /src

# A plain user; the output folder must be writable for uid 1000.
USER node
WORKDIR /opt/shardmill
ENV NODE_ENV=production
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s \
  CMD ["node", "scripts/is-healthy.mjs"]
ENTRYPOINT ["node", "apps/cli/bin/shardmill.js"]
