# Deskwire in a container: docker build -t deskwire . && docker run -p 8443:8443 -v deskwire:/data deskwire
#
# The root may be read-only. Settings are variables, such as DESKWIRE_MAX_FPS=30. docs/deploy.md has more.
# scripts/try-image.ts runs these very steps in a folder.

# bookworm is Debian 12, trixie is Debian 13.
ARG DEBIAN=bookworm

FROM node:24-${DEBIAN}-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# The image has a Node.js of its own, so that the packages that bring one go.
RUN npm run build \
    && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
    && rm -rf node_modules/node-linux-* \
    && mkdir /deskwire \
    && cp -r bin dist node_modules package.json LICENSE /deskwire/

FROM debian:${DEBIAN}-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        xvfb openbox xterm x11-xkb-utils fonts-dejavu-core \
        tint2 jgmenu pcmanfm gtk2-engines librsvg2-common netsurf-gtk dbus-x11 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 1000 --create-home --shell /bin/bash deskwire \
    && install -d -o deskwire -g deskwire -m 0700 /data \
    && ln -s /opt/deskwire/bin/deskwire.mjs /usr/local/bin/deskwire
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /deskwire /opt/deskwire
ENV LANG=C.UTF-8 \
    DESKWIRE_LISTEN=0.0.0.0 \
    DESKWIRE_DATA=/data
WORKDIR /home/deskwire
USER 1000:1000
VOLUME /data
EXPOSE 8443
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["deskwire", "health"]
ENTRYPOINT ["deskwire"]
CMD ["serve"]
