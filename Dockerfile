# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
# The sources are mounted and the caches stay, so that a second build compiles only what changed.
RUN --mount=type=bind,target=. \
    --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/target,sharing=locked \
    cargo build --release --locked --target-dir /target \
    && install -D /target/release/precinct /out/precinct \
    && install -d /out/data

FROM gcr.io/distroless/cc-debian12:nonroot
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="precinct" \
      org.opencontainers.image.description="Workspaces, person partitions and sharing, as a gRPC service" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

COPY --from=build /out/precinct /precinct
COPY --from=build --chown=65532:65532 /out/data /data

ENV PRECINCT_DATABASE_URL=sqlite:///data/precinct.db \
    PRECINCT_LISTEN=0.0.0.0:50051 \
    PRECINCT_ADMIN_LISTEN=0.0.0.0:9090
USER 65532:65532
VOLUME /data
EXPOSE 50051 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["/precinct", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/precinct"]
CMD ["serve"]
