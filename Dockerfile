# The image holds one program, the certificates it needs to trust Shopify, and the time zones of the shops: no shell,
# no package manager, no root.
FROM node:22-bookworm-slim AS page
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
# The page's types are written from the schema, which its check compares.
COPY graph/*.graphqls /src/graph/
RUN npm run build

FROM golang:1.26-bookworm AS program
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=page /src/web/dist ./web/dist
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/tagtrail . \
  && mkdir /out/data \
  && cp /usr/local/go/lib/time/zoneinfo.zip /etc/ssl/certs/ca-certificates.crt /out/

FROM scratch
COPY --from=program /out/tagtrail /tagtrail
COPY --from=program /out/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=program /out/zoneinfo.zip /zoneinfo.zip
# Where SQLite keeps its file unless DATABASE_URL names another place.
COPY --from=program --chown=65532:65532 /out/data /data
ENV ZONEINFO=/zoneinfo.zip
WORKDIR /
USER 65532:65532
EXPOSE 8080
VOLUME /data
ENTRYPOINT ["/tagtrail"]
CMD ["serve"]
