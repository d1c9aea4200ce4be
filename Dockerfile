# Fathom for NVIDIA devices: everything is built in, only models are fetched at run time.
#
#   docker build --tag fathom --build-arg CUDA_COMPUTE_CAP=90 .
#   docker run --gpus all --publish 127.0.0.1:8080:8080 --volume fathom:/home/fathom fathom
#
# CUDA_COMPUTE_CAP: 80 A100, 86 RTX 30, 89 RTX 40 and L4, 90 H100 and H200, 120 RTX 50.
# FEATURES: `flash-attn` in place of `cuda` fuses attention; it fetches CUTLASS and takes an hour.
# The build is for x86_64 alone, as the sum of its installer is.
#
# Both images are named by their digests, which stand for all platforms of the tag beside them. For
# another CUDA: `docker buildx imagetools inspect nvidia/cuda:TAG` prints the digest of a tag;
# give both images with `--build-arg BUILD_IMAGE=… --build-arg RUN_IMAGE=…`.
ARG BUILD_IMAGE=nvidia/cuda:13.0.1-devel-ubuntu24.04@sha256:7d2f6a8c2071d911524f95061a0db363e24d27aa51ec831fcccf9e76eb72bc92
ARG RUN_IMAGE=nvidia/cuda:13.0.1-runtime-ubuntu24.04@sha256:c3fde347d52d578c84fd644bc177bc7ec333feaf11550d990da4084d7612e4c7

FROM ${BUILD_IMAGE} AS build
ARG CUDA_COMPUTE_CAP=90
ARG FEATURES=cuda
# The toolchain, and the installer that fetches it, whose sum is that of x86_64.
ARG RUST=1.95.0
ARG RUSTUP=1.28.2
ARG RUSTUP_SHA256=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential ca-certificates curl git nodejs pkg-config \
    && rm -rf /var/lib/apt/lists/* \
    && curl --proto '=https' --tlsv1.2 --silent --show-error --fail --output /tmp/rustup-init \
        "https://static.rust-lang.org/rustup/archive/${RUSTUP}/x86_64-unknown-linux-gnu/rustup-init" \
    && echo "${RUSTUP_SHA256}  /tmp/rustup-init" | sha256sum --check --strict \
    && chmod +x /tmp/rustup-init \
    && /tmp/rustup-init -y --no-modify-path --profile minimal --default-toolchain "${RUST}" \
        --target wasm32-unknown-unknown \
    && rm /tmp/rustup-init
# Goes before rust-toolchain.toml, which names no version and components that nothing here needs.
ENV RUSTUP_TOOLCHAIN=${RUST}
ENV PATH=/root/.cargo/bin:$PATH \
    CUDA_COMPUTE_CAP=${CUDA_COMPUTE_CAP} \
    LIBRARY_PATH=/usr/local/cuda/lib64/stubs
WORKDIR /fathom
COPY . .
RUN cargo xtask build --features "${FEATURES}" --output /out

FROM ${RUN_IMAGE}
# Models are fetched over HTTPS, which is checked against the system's certificates.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home fathom
COPY --from=build /out /opt/fathom
USER fathom
# Models and the database: the one thing to keep.
VOLUME /home/fathom
EXPOSE 8080
ENTRYPOINT ["/opt/fathom/fathom"]
# Any address but this machine's own wants a token, which is printed once.
CMD ["serve", "--addr", "0.0.0.0:8080", "--static", "/opt/fathom/page"]
